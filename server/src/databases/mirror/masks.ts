/** What the staging site sees of people's data: a rule for a column says what stands there instead. */
import pg from 'pg';
import type { Mask } from '../../../../contract/mirrors.ts';
import { type Db, many, run, sql, transaction } from '../../db/database.ts';
import { AppError } from '../../errors.ts';

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

/** Puts these rules in the place of those that there were. */
export async function writeMasks(db: Db, appId: string, by: string, masks: Mask[]): Promise<void> {
  await transaction(db, async (tx) => {
    await run(tx, sql`delete from site_masks where app_id = ${appId}`);
    for (const mask of masks)
      await run(
        tx,
        sql`insert into site_masks (app_id, table_name, column_name, mask, fixed, set_by)
          values (${appId}, ${mask.table}, ${mask.column}, ${mask.mask}, ${mask.mask === 'text' ? mask.fixed : null}, ${by})
          on conflict (app_id, table_name, column_name) do update set mask = excluded.mask, fixed = excluded.fixed`,
      );
  });
}
