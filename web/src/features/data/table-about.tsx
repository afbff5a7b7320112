/** What a table is for and where it lives: read by everybody and told to assistants, said by whoever manages the container. */
import { type FormEvent, useState } from 'react';
import type { DataApp, DataTable, DescribeTable } from '../../../../contract/data.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { Segments } from '../../components/segments.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { describeTable } from './api.ts';

const HOMES: Record<DescribeTable['home'], string> = {
  both: 'Lives on staging and live',
  staging: 'Lives on staging alone',
  live: 'Lives on live alone',
};

interface Props {
  app: DataApp;
  table: DataTable;
  manages: boolean;
  onChanged: () => void;
}

export function TableAbout({ app, table, manages, onChanged }: Props) {
  const [editing, setEditing] = useState(false);
  const [purpose, setPurpose] = useState(table.purpose);
  const [home, setHome] = useState(table.home);
  const [problem, setProblem] = useState('');
  const dual = app.mode === 'dual-repository';
  if (!editing)
    return (
      <p className="flex flex-wrap items-center gap-x-2 text-ink-2">
        <span className="min-w-0 break-words">{table.purpose || 'Nobody has said what this table is for.'}</span>
        {dual && <span className="text-12 text-ink-3">{HOMES[table.home]}</span>}
        {manages && (
          <Button look="bare" onClick={() => setEditing(true)}>
            {table.purpose ? 'Change what it is for' : 'Say what it is for'}
          </Button>
        )}
      </p>
    );
  const save = (event: FormEvent) => {
    event.preventDefault();
    setProblem('');
    describeTable({ appId: app.app.id, table: table.name, purpose, home }).then(
      () => {
        setEditing(false);
        onChanged();
      },
      (error) => setProblem(sentenceOf(error)),
    );
  };
  return (
    <form onSubmit={save} className="grid gap-2 rounded-2 border border-line bg-raised p-3">
      <Field
        label={`What ${table.name} is for`}
        help="One sentence. Assistants read it too, and leave it as it is."
        value={purpose}
        maxLength={300}
        autoFocus
        onChange={(event) => setPurpose(event.target.value)}
      />
      {dual && (
        <Segments
          name="Where it lives"
          value={home}
          onChange={setHome}
          options={[
            { value: 'both', label: 'Staging and live' },
            { value: 'staging', label: 'Staging alone' },
            { value: 'live', label: 'Live alone' },
          ]}
        />
      )}
      {problem && <Notice>{problem}</Notice>}
      <div className="flex gap-2">
        <Button look="primary" type="submit">
          Keep it
        </Button>
        <Button look="bare" onClick={() => setEditing(false)}>
          Leave it as it was
        </Button>
      </div>
    </form>
  );
}
