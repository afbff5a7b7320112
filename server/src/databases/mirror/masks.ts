/** What the staging site sees of people's data: a rule for a column says what stands there instead. */
import pg from 'pg';
import type { Mask } from '../../../../contract/mirrors.ts';
import { type Db, many, maybe, run, sql, transaction } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { recordAct } from '../acts.ts';

const id = pg.escapeIdentifier;
const literal = pg.escapeLiteral;
const WORDY = /^(text|character varying|character|citext)\b/;

export interface MaskedColumn {
  name: string;
  type: string;
  notNull: boolean;
  /** part of a key, or points at another table's */
  pointing: boolean;
}

/**
 * The expression that stands for a column.
 * @param secret makes the same value the same everywhere, and nothing that could be guessed backwards
 * @throws AppError `mask_not_possible`
 */
export function masked(mask: Mask | undefined, column: MaskedColumn, secret: string): string {
  const name = id(column.name);
  if (!mask || mask.mask === 'keep') return name;
  const refuse = (why: string): never => {
    throw new AppError(
      'mask_not_possible',
      'invalid',
      `The rule for ${mask.table}.${mask.column} cannot be kept: ${why}.`,
      {
        detail: 'Change the rule, then fill the staging site again. Nothing was changed.',
      },
    );
  };
  if (column.pointing) refuse('other rows are found by this column');
  if (mask.mask === 'null') return column.notNull ? refuse('the column must have a value') : 'null';
  if (!WORDY.test(column.type)) return refuse('the column does not hold text');
  if (mask.mask === 'text') return `case when ${name} is null then null else ${literal(mask.fixed)} end`;
  const hash = `left(encode(sha256(convert_to(${literal(secret)} || ${name}, 'UTF8')), 'hex'), 16)`;
  return mask.mask === 'hash' ? hash : `'person-' || ${hash} || '@example.com'`;
}

/** The rules of an app, by table and column. */
export async function readMasks(db: Db, appId: string): Promise<Mask[]> {
  const rows = await many(
    db,
    sql<{
      table: string;
      column: string;
      mask: Mask['mask'];
      fixed: string | null;
    }>`select table_name as "table", column_name as "column", mask, fixed from site_masks where app_id = ${appId} order by 1, 2`,
  );
  return rows.map(({ fixed, ...rule }) => (rule.mask === 'text' ? { ...rule, fixed: fixed ?? '' } : rule) as Mask);
}

/** Puts these rules in the place of those that there were, and writes down who did. */
export async function writeMasks(db: Db, appId: string, by: string, masks: Mask[]): Promise<void> {
  await transaction(db, async (tx) => {
    await maybe(tx, sql`select 1 from apps where id = ${appId} for update`);
    const before = await readMasks(tx, appId);
    await run(tx, sql`delete from site_masks where app_id = ${appId}`);
    for (const mask of masks)
      await run(
        tx,
        sql`insert into site_masks (app_id, table_name, column_name, mask, fixed, set_by)
          values (${appId}, ${mask.table}, ${mask.column}, ${mask.mask}, ${mask.mask === 'text' ? mask.fixed : null}, ${by})
          on conflict (app_id, table_name, column_name) do update set mask = excluded.mask, fixed = excluded.fixed`,
      );
    const changed = othersOf(before, await readMasks(tx, appId));
    if (changed.length > 0)
      await recordAct(tx, {
        ...{ act: 'masks', appId, by, environment: 'site' },
        tables: [...new Set(changed.map(({ table }) => table))],
        note: changed.map(({ table, column, says }) => `${table}.${column}: ${says}`).join(', '),
      });
  });
}

const SAYS: Record<Mask['mask'], string> = {
  keep: 'as it is',
  null: 'nothing',
  text: 'a fixed text',
  hash: 'a fingerprint',
  email: 'a made-up e-mail address',
};

/** Columns whose rule is another one in `after`. */
function othersOf(before: Mask[], after: Mask[]): { table: string; column: string; says: string }[] {
  const key = ({ table, column }: Mask) => `${table} ${column}`;
  const had = new Map(before.map((mask) => [key(mask), JSON.stringify(mask)]));
  const kept = new Set(after.map(key));
  return [
    ...after.filter((mask) => had.get(key(mask)) !== JSON.stringify(mask)),
    ...before.filter((mask) => !kept.has(key(mask))).map((mask) => ({ ...mask, mask: 'keep' as const })),
  ].map(({ table, column, mask }) => ({ table, column, says: SAYS[mask] }));
}
