/**
 * The chain over what was done: completed acts of gates and statements on rows, in the order in which they were sealed. Each seal is keyed and holds the one
 * before, so that a row that is altered, put in or taken out later is found, also when it was done by whoever owns the database.
 */
import { createHmac } from 'node:crypto';
import { type Db, many, maybe, run, sql, transaction } from '../db/database.ts';

const AT_ONCE = 2000;
/** A row is sealed when it is this old: what is being written beside it has its place by then. */
const SETTLED_SECONDS = 5;
/** Statements that only read are forgotten after this; their seals stay. */
const READS_KEPT_DAYS = 90;
const LOCK = 7_240_119;

interface Seal {
  number: number;
  source: 'act' | 'statement';
  row_id: string;
  digest: Buffer;
  seal: Buffer;
}

/** What of a row is sealed: all of it that is not null, so that a column which a later version adds alters nothing. */
const rowsOf = sql`
  select 'act' as source, a.id as row_id, sha256(convert_to(jsonb_strip_nulls(to_jsonb(a))::text, 'utf8')) as digest from audit_log a where a.completed_at is not null
  union all
  select 'statement', s.id, sha256(convert_to((jsonb_strip_nulls(to_jsonb(s)) - 'statement')::text || encode(s.statement, 'hex'), 'utf8')) from sql_calls s where s.ended_at is not null`;

const FIRST: Buffer = Buffer.alloc(32);

const sealOf = (key: Buffer, before: Buffer, { number, source, row_id, digest }: Omit<Seal, 'seal'>): Buffer =>
  createHmac('sha256', key).update(before).update(`${number}\0${source}\0${row_id}\0`).update(digest).digest();

/** Seals what was completed since, oldest first. @returns how many */
export async function sealAudit(db: Db, key: Buffer): Promise<number> {
  return transaction(db, async (tx) => {
    const { alone } = (await maybe(tx, sql<{ alone: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as alone`))!;
    if (!alone) return 0;
    const rows = await many(
      tx,
      sql<Pick<Seal, 'source' | 'row_id' | 'digest'>>`
        with open as (
          select 'act' as source, id as row_id from audit_log where completed_at < now() - make_interval(secs => ${SETTLED_SECONDS})
            and not exists (select from audit_seals z where z.source = 'act' and z.row_id = audit_log.id)
          union all
          select 'statement', id from sql_calls where ended_at < now() - make_interval(secs => ${SETTLED_SECONDS})
            and not exists (select from audit_seals z where z.source = 'statement' and z.row_id = sql_calls.id)
          order by row_id limit ${AT_ONCE}
        )
        select source, row_id, digest from open join (${rowsOf}) r using (source, row_id) order by row_id`,
    );
    if (rows.length === 0) return 0;
    const last = await maybe(
      tx,
      sql<Pick<Seal, 'number' | 'seal'>>`select number, seal from audit_seals order by number desc limit 1`,
    );
    let [number, before] = [Number(last?.number ?? 0), last?.seal ?? FIRST];
    const seals = rows.map((row) => {
      const sealed = { ...row, number: ++number };
      before = sealOf(key, before, sealed);
      return { ...sealed, seal: before };
    });
    await run(
      tx,
      sql`insert into audit_seals (number, source, row_id, digest, seal)
        select * from unnest(${seals.map((seal) => seal.number)}::bigint[], ${seals.map(({ source }) => source)}::text[], ${seals.map(({ row_id }) => row_id)}::uuid[],
          ${seals.map(({ digest }) => digest)}::bytea[], ${seals.map(({ seal }) => seal)}::bytea[])`,
    );
    return seals.length;
  });
}

export interface Verdict {
  sealed: number;
  /** what is not as it was sealed, the first of it */
  broken: { number: number; source: Seal['source']; rowId: string; how: 'altered' | 'gone' | 'chain' } | null;
}

/** Goes along the whole chain. */
export async function verifyAudit(db: Db, key: Buffer): Promise<Verdict> {
  let [after, sealed] = [0, 0];
  let before: Buffer = FIRST;
  for (;;) {
    const rows = await many(
      db,
      sql<Seal & { now: Buffer | null; reads: boolean }>`
        select z.number::float8 as number, z.source, z.row_id, z.digest, z.seal, r.digest as now
        from (select * from audit_seals where number > ${after} order by number limit ${AT_ONCE}) z
          left join (${rowsOf}) r using (source, row_id) order by z.number`,
    );
    if (rows.length === 0) return { sealed, broken: null };
    for (const row of rows) {
      const broken = (how: NonNullable<Verdict['broken']>['how']): Verdict => ({
        sealed,
        broken: { number: row.number, source: row.source, rowId: row.row_id, how },
      });
      if (row.number !== after + 1 || !sealOf(key, before, row).equals(row.seal)) return broken('chain');
      if (row.now && !row.now.equals(row.digest)) return broken('altered');
      // statements that only read are forgotten after a while
      if (!row.now && row.source === 'act') return broken('gone');
      [after, before] = [row.number, row.seal];
      sealed++;
    }
  }
}

/** Forgets statements that only read, when they are old and sealed. @returns how many */
export const forgetReads = (db: Db): Promise<number> =>
  run(
    db,
    sql`delete from sql_calls s where not s.writes and s.called_at < now() - make_interval(days => ${READS_KEPT_DAYS})
      and exists (select from audit_seals z where z.source = 'statement' and z.row_id = s.id)
      and s.id in (select id from sql_calls where not writes and called_at < now() - make_interval(days => ${READS_KEPT_DAYS}) limit 10000)`,
  );
