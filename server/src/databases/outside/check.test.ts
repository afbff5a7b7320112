import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CheckParts, checkOutside } from './check.ts';
import { type OutsideTest, startOutside } from './fixtures/outside-server.ts';
import { OutsideDatabases } from './outside-databases.ts';
import type { OutsideAddress } from './server.ts';

let there: OutsideTest;
const containerId = randomUUID();
const own = new Set<string>();

beforeAll(async () => {
  there = await startOutside();
});
afterAll(async () => {
  await there.end();
});

const parts = (allowed = [there.allowed]): CheckParts => ({
  outside: new OutsideDatabases(new Set(allowed), undefined),
  own: async () => own,
  containerId,
});
const check = async (change: Partial<OutsideAddress> = {}, allowed?: string[]) => {
  const { findings, server } = await checkOutside(parts(allowed), { ...there.address, ...change });
  const said = JSON.stringify(findings);
  expect(said).not.toContain(there.address.password);
  return { wrong: findings.filter(({ state }) => state === 'bad'), findings, server };
};

it('finds nothing wrong with a server whose administrator is no superuser, and leaves nothing there', async () => {
  const { wrong, server } = await check();
  expect(wrong).toEqual([]);
  expect(server).toMatchObject({ bypassesRls: false });
  expect(server!.version).toBeGreaterThanOrEqual(180_000);
  const root = await there.root();
  const { rows } = await root.query("select rolname from pg_roles where rolname like 'vibe_check%'");
  expect(rows).toEqual([]);
});
