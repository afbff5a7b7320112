import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../e2e/support/free-port.ts';
import { readConfig } from '../config.ts';
import { openDatabase, run, sql } from '../db/database.ts';
import { startTestCluster } from '../db/test-database.ts';
import { examine, type Finding } from './doctor.ts';
import { outsideDatabases } from './doctor-outside.ts';
import { noteProcess } from './process-file.ts';

let folder: string;
let free: number;
beforeAll(async () => {
  free = await freePort();
  folder = mkdtempSync(join(tmpdir(), 'vibe-doctor-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ask = async (env: NodeJS.ProcessEnv): Promise<Map<string, Finding>> =>
  new Map((await examine(readConfig({ PORT: String(free), ...env }))).map((finding) => [finding.name, finding]));

describe('the doctor', () => {
  it('finds this machine well, with the limits that are in force', async () => {
    const found = await ask({ VIBE_DATA_DIR: join(folder, 'not-there-yet') });
    expect([...found.values()].filter(({ state }) => state === 'bad')).toEqual([]);
    expect(found.get('PostgreSQL')!.text).toMatch(/PostgreSQL\) 18/);
    expect(found.get('Browser')!.text).toMatch(/chrom/i);
    expect(found.get('Sandbox')!.text).toContain('no network');
    expect(found.get('  drivers')!.text).toMatch(/bubblewrap: holds; unshare: holds; docker: \S/);
    expect(found.get('  memory')!.text).toMatch(/\S/);
    expect(found.get('Address')!.text).toContain('is free');
  });

  it('names the driver that a setting asks for, and says what is wrong with one that does not hold', async () => {
    const asked = await ask({ VIBE_DATA_DIR: folder, VIBE_SANDBOX: 'unshare' });
    expect(asked.get('Sandbox')!.text).toContain('unshare, no network');
    expect(asked.get('  drivers')!.text).toContain('VIBE_SANDBOX allows only unshare');
    const silent = await ask({ VIBE_DATA_DIR: folder, VIBE_SANDBOX: 'docker', DOCKER_HOST: 'unix:///no/such.sock' });
    expect(silent.get('Sandbox')).toMatchObject({ state: 'bad', fix: expect.stringContaining('DOCKER_HOST') });
  });

  it('says for each thing that is wrong what mends it', async () => {
    const dataDir = join(folder, 'open');
    mkdirSync(dataDir, { mode: 0o755 });
    const taken = createServer().listen(await freePort(), '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    try {
      const found = await ask({ VIBE_DATA_DIR: dataDir, PORT: String(port), ANTHROPIC_API_KEY: 'sk-secret' });
      expect(found.get('Data folder')).toMatchObject({ state: 'bad', fix: `chmod 700 ${dataDir}` });
      expect(found.get('Address')).toMatchObject({ state: 'bad', fix: expect.stringContaining('PORT=4001') });
      expect(JSON.stringify([...found.values()])).not.toContain('sk-secret');
      expect(found.get('Models')!.text).toContain('anthropic');
    } finally {
      taken.close();
    }
  });

  it('speaks of the Vibe that runs, not of one that would be started with the doctor’s own settings', async () => {
    const dataDir = join(folder, 'running');
    for (const part of ['keys', 'clusters']) mkdirSync(join(dataDir, part), { recursive: true, mode: 0o700 });
    const { runDir } = readConfig({ VIBE_DATA_DIR: dataDir });
    mkdirSync(runDir, { recursive: true });
    const address = { port: free, baseUrl: `http://elsewhere.localhost:${free}`, loopback: true };
    await noteProcess(join(runDir, 'launcher.process'), process.pid, address);
    const found = await ask({ VIBE_DATA_DIR: dataDir });
    expect(found.get('Settings')!.text).toContain(`${address.baseUrl}, data in ${dataDir}`);
    // passwords in the open are those of the one that runs, whatever the doctor’s own settings would come to
    const plain = { HOST: '0.0.0.0', VIBE_ALLOW_PLAIN_HTTP: '1' };
    expect((await ask({ VIBE_DATA_DIR: dataDir, ...plain })).get('Settings')).toMatchObject({ state: 'good' });
    await noteProcess(join(runDir, 'launcher.process'), process.pid, { ...address, loopback: false });
    expect((await ask({ VIBE_DATA_DIR: dataDir })).get('Settings')).toMatchObject({
      state: 'note',
      fix: expect.stringContaining('in the open'),
    });
    // what the first person makes is no fault while there is none
    expect(found.get('Data folder')).toEqual({ state: 'good', name: 'Data folder', text: expect.any(String) });
    expect(found.get('Data folder')!.text).toContain('nothing was made in it yet');
    rmSync(runDir, { recursive: true, force: true });
  });

  it('says of live databases elsewhere whether the platform’s database is away or something else is wrong', async () => {
    const test = await startTestCluster();
    const look = (url: string) =>
      outsideDatabases(readConfig({ VIBE_DATA_DIR: join(folder, 'elsewhere'), DATABASE_URL: url }));
    try {
      const url = await test.create();
      expect(await look(url)).toEqual([]);
      const { db } = openDatabase(url, { max: 1 });
      for (const table of ['containers', 'apps', 'mirrors', 'outside_databases', 'outside_leftovers'])
        await run(db, sql`create table ${sql.id(table)} ()`);
      await db.destroy();
      expect(await look(url)).toMatchObject([{ state: 'bad', text: expect.stringContaining('does not exist') }]);
      const away = await look('postgresql://vibe@127.0.0.1:1/vibe');
      expect(away).toMatchObject([{ state: 'note', text: expect.stringContaining('does not answer') }]);
    } finally {
      await test.stop();
    }
  });
});
