/** The chain over what was done, on a real database: whatever is altered, put in or taken out later is found, by whoever it was done. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newRules, person, startedPlatform } from '../accounts/fixtures.ts';
import { register } from '../accounts/registration.ts';
import { type Db, one, run, sql } from '../db/database.ts';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { forgetReads, sealAudit, verifyAudit } from './audit-seals.ts';

const KEY = Buffer.alloc(32, 3);
let test: TestCluster;
let db: Db;
let container: { id: string; organisation: string };

beforeAll(async () => {
  test = await startTestCluster();
  ({ db } = await startedPlatform(test));
  await register(db, newRules(), person('Marta'));
  container = await one(db, sql<typeof container>`select id, organisation_id as organisation from containers`);
});
afterAll(() => test?.stop());

/** As the owner of the database could: past the triggers. */
const tamper = async (statement: ReturnType<typeof sql>) => {
  await db.transaction().execute(async (tx) => {
    await run(tx, sql`set local session_replication_role = replica`);
    await run(tx, statement);
  });
};
async function act(completed = true): Promise<string> {
  const { id } = await one(
    db,
    sql<{
      id: string;
    }>`insert into audit_log (organisation_id, container_id, call_id, agent, tool, input_hash, permission, decision, outcome, at, completed_at)
      values (${container.organisation}, ${container.id}, ${randomUUID()}, 'builder', 'modify_code_files_vibe', '\\x00', 'code:write', 'allowed', 'done', now() - interval '1 minute',
        case when ${completed} then now() - interval '1 minute' end) returning id`,
  );
  return id;
}
async function statement(writes: boolean, days = 0): Promise<string> {
  const { id } = await one(
    db,
    sql<{
      id: string;
    }>`insert into sql_calls (organisation_id, container_id, agent, target, statement, writes, state, called_at, ended_at)
      values (${container.organisation}, ${container.id}, 'console', 'staging', '\\x01', ${writes}, 'done', now() - make_interval(days => ${days}), now() - interval '1 minute' - make_interval(days => ${days})) returning id`,
  );
  return id;
}

beforeEach(async () => {
  await tamper(sql`truncate audit_seals, audit_log, sql_calls cascade`);
});

describe('the chain', () => {
  it('holds over acts and statements, and is sealed once', async () => {
    for (let n = 0; n < 3; n++) {
      await act();
      await statement(n > 0);
    }
    await act(false);
    const both = await Promise.all([sealAudit(db, KEY), sealAudit(db, KEY)]);
    expect(both[0]! + both[1]!).toBe(6);
    expect(await sealAudit(db, KEY)).toBe(0);
    await act();
    expect(await sealAudit(db, KEY)).toBe(1);
    expect(await verifyAudit(db, KEY)).toEqual({ sealed: 7, broken: null });
  });

  it('finds a row that was altered', async () => {
    await act();
    const id = await act();
    await sealAudit(db, KEY);
    await tamper(sql`update audit_log set decision = 'refused' where id = ${id}`);
    expect(await verifyAudit(db, KEY)).toEqual({
      sealed: 1,
      broken: { number: 2, source: 'act', rowId: id, how: 'altered' },
    });
  });

  it('finds a statement that was put in another’s place', async () => {
    const id = await statement(true);
    await sealAudit(db, KEY);
    await tamper(sql`update sql_calls set statement = '\\x02' where id = ${id}`);
    expect((await verifyAudit(db, KEY)).broken).toMatchObject({ how: 'altered', rowId: id });
  });

  it('finds a row that is gone, with its seal or without', async () => {
    const ids = [await act(), await act(), await act()];
    await sealAudit(db, KEY);
    await tamper(sql`delete from audit_log where id = ${ids[1]}`);
    expect((await verifyAudit(db, KEY)).broken).toMatchObject({ how: 'gone', rowId: ids[1] });
    await tamper(sql`delete from audit_seals where row_id = ${ids[1]}`);
    expect((await verifyAudit(db, KEY)).broken).toMatchObject({ how: 'chain', rowId: ids[2] });
  });

  it('cannot be made anew without the key', async () => {
    const id = await act();
    await sealAudit(db, KEY);
    await tamper(sql`update audit_log set decision = 'refused' where id = ${id}`);
    await tamper(sql`truncate audit_seals`);
    await sealAudit(db, Buffer.alloc(32, 4));
    expect((await verifyAudit(db, KEY)).broken).toMatchObject({ number: 1, how: 'chain' });
  });

  it('outlives statements that only read, which are forgotten when they are old', async () => {
    const [old, fresh, wrote] = [await statement(false, 100), await statement(false), await statement(true, 100)];
    expect(await forgetReads(db)).toBe(0);
    await sealAudit(db, KEY);
    expect(await forgetReads(db)).toBe(1);
    const left = await sql<{ id: string }>`select id from sql_calls order by id`.execute(db);
    expect(left.rows.map(({ id }) => id).sort()).toEqual([fresh, wrote].sort());
    expect(old).toBeTruthy();
    expect(await verifyAudit(db, KEY)).toEqual({ sealed: 3, broken: null });
  });
});
