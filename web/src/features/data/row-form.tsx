/** A row added, changed or removed by hand. What it becomes is a statement, which is shown and asked for as one of the console is. */
import { type FormEvent, useId, useState } from 'react';
import type { ChangeRow, ConsoleAsk, ConsoleOutcome, RowColumn } from '../../../../contract/data.ts';
import { DID } from '../../../../contract/row-words.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToast } from '../../components/toasts.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import { agreeTo, changeRow, decline, type TableRef } from './api.ts';
import { AskCard } from './ask-card.tsx';
import { LongField, RowField } from './row-field.tsx';
import { changed, type Values, valuesOf } from './row-values.ts';
import { PLACE_NAMES, wordsOfRule } from './words.ts';

interface Props {
  table: TableRef;
  columns: RowColumn[];
  /** left out: a new one */
  row?: { key: string; values: unknown[]; cut: number[] } | undefined;
  onDone: () => void;
  onClose: () => void;
}

export function RowForm({ table, columns, row, onDone, onClose }: Props) {
  const form = useId();
  const toast = useToast();
  const [before] = useState<Values>(() => (row ? valuesOf(columns, row.values, row.cut) : {}));
  const [values, setValues] = useState<Values>(before);
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [problem, setProblem] = useState('');
  const [ask, setAsk] = useState<ConsoleAsk>();
  const live = table.place === 'live';
  const where = PLACE_NAMES[table.place].toLowerCase();

  const send = async (what: () => Promise<ConsoleOutcome>) => {
    setBusy(true);
    setProblem('');
    try {
      const outcome = await what();
      setAsk(outcome.kind === 'ask' ? outcome.ask : undefined);
      if (outcome.kind === 'refused')
        setProblem(`${outcome.message} Nothing was changed: ${wordsOfRule(outcome.rule)}.`);
      if (outcome.kind === 'answer') {
        const { affected, action } = outcome.result;
        if (!affected) setProblem('This row is not there any more, so nothing was changed.');
        else {
          toast({ text: `${DID[action ?? 'update'](count(affected, 'row'), table.table)} on ${where}` });
          onDone();
        }
      }
    } catch (error) {
      setAsk(undefined);
      setProblem(sentenceOf(error));
    }
    setBusy(false);
  };
  const change = (what: ChangeRow['change']) => void send(() => changeRow(table, what));
  /** back to the form, as it was filled in */
  const leave = async ({ id, mayAgree }: ConsoleAsk) => {
    setBusy(true);
    try {
      if (mayAgree) await decline(id);
      setAsk(undefined);
      setRemoving(false);
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    setBusy(false);
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    const given = changed(before, values);
    if (row && Object.keys(given).length === 0) return setProblem('Nothing was changed yet.');
    const missing = columns.filter((one) => !row && one.notNull && !one.filled && given[one.name] === undefined);
    if (missing.length > 0)
      return setProblem(
        `${missing.map(({ name }) => name).join(', ')}: the table needs a value, and has none of its own.`,
      );
    change(row ? { kind: 'change', key: row.key, values: given } : { kind: 'add', values: given });
  };
  const set = (name: string) => (value: Values[string]) => {
    setProblem('');
    setValues((now) => ({ ...now, [name]: value }));
  };

  return (
    <Dialog
      open
      onClose={onClose}
      title={row ? `Change a row of ${table.table}` : `Add a row to ${table.table}`}
      text={
        ask
          ? undefined
          : row
            ? `On ${where}. Only what you change is written.`
            : `On ${where}. What you leave out, the table fills in.`
      }
      actions={
        ask ? null : removing ? (
          <>
            <span className="flex-1 self-center text-13">Remove this row?</span>
            <Button onClick={() => setRemoving(false)}>Keep it</Button>
            <Button look="danger" disabled={busy} onClick={() => change({ kind: 'remove', key: row!.key })}>
              Remove it
            </Button>
          </>
        ) : (
          <>
            {row && (
              <Button look="bare" className="-ml-2.5" disabled={busy} onClick={() => setRemoving(true)}>
                Remove this row…
              </Button>
            )}
            <span className="flex-1" />
            <Button onClick={onClose}>Cancel</Button>
            <Button look={live ? 'live' : 'primary'} type="submit" form={form} disabled={busy}>
              {busy ? 'Sending…' : row ? 'Change it' : 'Add it'}
            </Button>
          </>
        )
      }
    >
      {problem && <Notice>{problem}</Notice>}
      {ask ? (
        <AskCard
          ask={ask}
          live={live}
          busy={busy}
          onAgree={({ id }) => void send(() => agreeTo(id))}
          onLeave={(left) => void leave(left)}
        />
      ) : (
        <form id={form} onSubmit={save} className="grid grid-cols-[minmax(0,1fr)] gap-3">
          {columns.map((column, at) => {
            const field = { column, value: values[column.name], adds: !row, onChange: set(column.name) };
            return row?.cut.includes(at) ? (
              <LongField key={column.name} table={table} rowKey={row.key} {...field} />
            ) : (
              <RowField key={column.name} {...field} />
            );
          })}
        </form>
      )}
    </Dialog>
  );
}
