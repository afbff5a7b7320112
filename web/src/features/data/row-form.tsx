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
import { AskCard, titleOfAsk } from './ask-card.tsx';
import { LongField, RowField } from './row-field.tsx';
import { changed, missing, type Values, valuesOf } from './row-values.ts';
import { PLACE_NAMES, wordsOfRule } from './words.ts';

const QUESTIONS = { remove: 'Remove this row?', leave: 'Throw away what you have typed?' };
const NOT_THERE = 'This row is not there any more, so nothing was changed.';
const NOT_AS_SHOWN =
  'Somebody has changed or removed this row since it was shown here, so nothing was changed. Close this and open the row anew.';

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
  const [before, setBefore] = useState<Values>(() => (row ? valuesOf(columns, row.values, row.cut) : {}));
  const [values, setValues] = useState<Values>(before);
  const [busy, setBusy] = useState(false);
  /** what stands below the form: its buttons, or a question */
  const [below, setBelow] = useState<'buttons' | 'remove' | 'leave'>('buttons');
  const [problem, setProblem] = useState('');
  const [ask, setAsk] = useState<ConsoleAsk>();
  const live = table.place === 'live';
  const where = PLACE_NAMES[table.place].toLowerCase();

  const send = async (what: () => Promise<ConsoleOutcome>) => {
    setBusy(true);
    setProblem('');
    try {
      const outcome = await what();
      // a question about no row is none
      const gone =
        row && (outcome.kind === 'ask' ? outcome.ask.rows : outcome.kind === 'answer' && outcome.result.affected) === 0;
      setAsk(outcome.kind === 'ask' && !gone ? outcome.ask : undefined);
      if (gone) {
        if (outcome.kind === 'ask' && outcome.ask.mayAgree) await decline(outcome.ask.id);
        setBelow('buttons');
        setProblem(below === 'remove' ? NOT_THERE : NOT_AS_SHOWN);
      } else if (outcome.kind === 'answer') {
        const { affected, action } = outcome.result;
        toast({ text: `${DID[action ?? 'update'](count(affected ?? 0, 'row'), table.table)} on ${where}` });
        onDone();
      }
      if (outcome.kind === 'refused')
        setProblem(`${outcome.message} Nothing was changed: ${wordsOfRule(outcome.rule)}.`);
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
      setBelow('buttons');
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    setBusy(false);
  };
  const given = changed(columns, before, values);
  /** Escape, a tap outside and Cancel: one step back, and nothing of what was typed is lost without a word */
  const close = () => {
    if (busy) return;
    if (ask) void leave(ask);
    else if (below !== 'buttons') setBelow('buttons');
    else if (Object.keys(given).length > 0) setBelow('leave');
    else onClose();
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (row && Object.keys(given).length === 0) return setProblem('Nothing was changed yet.');
    const needed = missing(columns, given, !row).join(', ');
    if (needed) return setProblem(`${needed}: the table needs a value${row ? '' : ', and has none of its own'}.`);
    if (!row) return change({ kind: 'add', values: given });
    const held = Object.keys(given).map((name) => [name, before[name] ?? null]);
    change({ kind: 'change', key: row.key, values: given, before: Object.fromEntries(held) });
  };
  // rows in use are asked for with the statement; those of the staging site go at once
  const remove = () => (table.place === 'site' ? setBelow('remove') : change({ kind: 'remove', key: row!.key }));
  const set = (name: string) => (value: Values[string]) => {
    setProblem('');
    setValues((now) => ({ ...now, [name]: value }));
  };

  // what names a row stays as it is; of a new one, what the table fills in by itself comes last
  const shown = row
    ? columns.map((column) => (column.key ? { ...column, writable: false } : column))
    : [...columns].sort((a, b) => Number(a.filled) - Number(b.filled));
  return (
    <Dialog
      open
      onClose={close}
      title={row ? `Change a row of ${table.table}` : `Add a row to ${table.table}`}
      text={
        ask
          ? undefined
          : row
            ? `On ${where}. Only what you change is written.`
            : `On ${where}. What you leave out stays empty, or gets the value that the table has for it.`
      }
      actions={
        ask ? null : below === 'leave' ? (
          <>
            <span className="flex-1 self-center text-13">{QUESTIONS.leave}</span>
            <Button onClick={() => setBelow('buttons')}>Keep it</Button>
            <Button look="danger" onClick={onClose}>
              Throw it away
            </Button>
          </>
        ) : below === 'remove' ? (
          <>
            <span className="flex-1 self-center text-13">{QUESTIONS.remove}</span>
            <Button disabled={busy} onClick={() => setBelow('buttons')}>
              Keep it
            </Button>
            <Button look="danger" disabled={busy} onClick={() => change({ kind: 'remove', key: row!.key })}>
              Remove it
            </Button>
          </>
        ) : (
          <>
            {row && (
              <Button look="bare" className="-ml-2.5" disabled={busy} onClick={remove}>
                Remove this row…
              </Button>
            )}
            <span className="flex-1" />
            <Button disabled={busy} onClick={close}>
              Cancel
            </Button>
            <Button look={live ? 'live' : 'primary'} type="submit" form={form} disabled={busy}>
              {busy ? 'Sending…' : row ? 'Change it' : 'Add it'}
            </Button>
          </>
        )
      }
    >
      <p aria-live="polite" className="sr">
        {ask ? `It asks before it runs: ${titleOfAsk(ask)}` : below !== 'buttons' && QUESTIONS[below]}
      </p>
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
        <form id={form} onSubmit={save} className="grid grid-cols-[minmax(0,1fr)] gap-3 pt-2">
          {shown.map((column) => {
            const at = columns.findIndex(({ name }) => name === column.name);
            const field = { column, value: values[column.name], adds: !row, onChange: set(column.name) };
            const onRead = (whole: string | null) => setBefore((now) => ({ ...now, [column.name]: whole }));
            return row?.cut.includes(at) && column.writable ? (
              <LongField key={column.name} table={table} rowKey={row.key} onRead={onRead} {...field} />
            ) : (
              <RowField key={column.name} before={before[column.name]} {...field} />
            );
          })}
        </form>
      )}
    </Dialog>
  );
}
