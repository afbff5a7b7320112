/** What models cost: the list's prices with their day, the owner's own, and those that are unknown. */
import { type FormEvent, useState } from 'react';
import type { ModelSetup, PriceRow } from '../../../../contract/models.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { forgetPrice, setPrice } from './api.ts';

const COLUMNS = { input: 'Input', output: 'Output', cacheRead: 'From cache', cacheWrite: 'To cache' } as const;
type Column = keyof typeof COLUMNS;
const names = Object.keys(COLUMNS) as Column[];

export function PriceTable({
  prices,
  mayChange,
  keep,
}: {
  prices: PriceRow[];
  mayChange: boolean;
  keep: (setup: ModelSetup) => void;
}) {
  const [editing, setEditing] = useState<PriceRow>();
  if (prices.length === 0) return null;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <h3 className="text-13 font-strong">Prices, in dollars per million tokens</h3>
      {/* a box that scrolls must be reached by keyboard */}
      <section aria-label="Prices" tabIndex={0} className="overflow-x-auto rounded-3 border border-line bg-raised">
        <table className="w-full text-left">
          <thead className="text-12 text-ink-3">
            <tr className="border-b border-line">
              <th className="px-3 py-1.5 font-mid">Model</th>
              {names.map((name) => (
                <th key={name} className="px-2 py-1.5 text-right font-mid whitespace-nowrap">
                  {COLUMNS[name]}
                </th>
              ))}
              <th className="px-2 py-1.5 font-mid">Of</th>
              {mayChange && (
                <th className="w-0">
                  <span className="sr">Change</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {prices.map((row) => (
              <tr key={row.model} className="border-b border-line last:border-b-0">
                <th scope="row" className="px-3 py-1 font-mid whitespace-nowrap" title={row.model}>
                  {row.name}
                </th>
                {row.price ? (
                  names.map((name) => (
                    <td key={name} className="px-2 py-1 text-right font-mono text-12 tabular-nums">
                      {row.price![name].toLocaleString('en', { maximumFractionDigits: 4 })}
                    </td>
                  ))
                ) : (
                  <td colSpan={names.length} className="px-2 py-1 text-12 text-ink-2">
                    price unknown
                  </td>
                )}
                <td className="px-2 py-1 text-12 whitespace-nowrap text-ink-3">
                  {row.source === 'owner' ? `you, ${day(row.asOf)}` : row.source === 'list' ? day(row.asOf) : '–'}
                </td>
                {mayChange && (
                  <td className="py-1 pr-2">
                    <Button look="bare" aria-label={`Change the price of ${row.name}`} onClick={() => setEditing(row)}>
                      Change
                    </Button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="max-w-[60ch] text-12 text-ink-3">
        Providers change their prices; these are of the day beside them. Where a price is unknown, the dearest known one
        is set aside for limits in dollars, and limits in tokens hold as for any other.
      </p>
      {editing && <PriceDialog key={editing.model} row={editing} onClose={() => setEditing(undefined)} keep={keep} />}
    </div>
  );
}

const day = (iso: string | null): string =>
  iso ? new Date(`${iso}T12:00:00Z`).toLocaleDateString('en', { day: 'numeric', month: 'short', year: 'numeric' }) : '';

function PriceDialog({
  row,
  onClose,
  keep,
}: {
  row: PriceRow;
  onClose: () => void;
  keep: (setup: ModelSetup) => void;
}) {
  const [values, setValues] = useState(
    () =>
      Object.fromEntries(names.map((name) => [name, row.price ? String(row.price[name]) : ''])) as Record<
        Column,
        string
      >,
  );
  const [errors, setErrors] = useState<Partial<Record<Column, string>>>({});
  const [problem, setProblem] = useState('');
  const done = (work: Promise<ModelSetup>) =>
    work.then(
      (setup) => {
        keep(setup);
        onClose();
      },
      (error) => setProblem(sentenceOf(error)),
    );
  const save = (event: FormEvent) => {
    event.preventDefault();
    const wrong: typeof errors = {};
    const price = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
    for (const name of names) {
      const text = values[name].trim().replace(',', '.');
      // what nobody says about the cache is taken as ordinary input, which says for itself what is wrong with it
      const empty = text === '' && name.startsWith('cache');
      const given = empty ? values.input.trim().replace(',', '.') : text;
      price[name] = Number(given);
      if (empty) continue;
      if (given === '' || !Number.isFinite(price[name]) || price[name] < 0 || price[name] > 100_000)
        wrong[name] = 'Enter dollars per million tokens';
    }
    setErrors(wrong);
    if (Object.keys(wrong).length === 0) void done(setPrice(row.model, price));
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`What ${row.name} costs`}
      text="Dollars per million tokens, as its provider says. 0 is free, as for a model on your own machine."
      actions={
        <>
          {row.source === 'owner' && (
            <Button onClick={() => void done(forgetPrice(row.model))}>Go back to the list’s price</Button>
          )}
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" form="price" look="primary">
            Keep this price
          </Button>
        </>
      }
    >
      <form id="price" onSubmit={save} noValidate className="grid grid-cols-2 gap-3 pt-2">
        {names.map((name) => (
          <Field
            key={name}
            label={COLUMNS[name]}
            before="$"
            help={name.startsWith('cache') ? 'Empty is as Input' : undefined}
            inputMode="decimal"
            value={values[name]}
            error={errors[name]}
            onChange={(event) => setValues({ ...values, [name]: event.target.value })}
          />
        ))}
        {problem && (
          <div className="col-span-2">
            <Notice>{problem}</Notice>
          </div>
        )}
      </form>
    </Dialog>
  );
}
