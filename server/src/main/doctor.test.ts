import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { examine, type Finding } from './doctor.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vibe-doctor-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ask = async (env: NodeJS.ProcessEnv): Promise<Map<string, Finding>> =>
  new Map((await examine(readConfig({ PORT: '45991', ...env }))).map((finding) => [finding.name, finding]));

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
    const taken = createServer().listen(45992, '127.0.0.1');
    try {
      const found = await ask({ VIBE_DATA_DIR: dataDir, PORT: '45992', ANTHROPIC_API_KEY: 'sk-secret' });
      expect(found.get('Data folder')).toMatchObject({ state: 'bad', fix: `chmod 700 ${dataDir}` });
      expect(found.get('Address')).toMatchObject({ state: 'bad', fix: expect.stringContaining('PORT=4001') });
      expect(JSON.stringify([...found.values()])).not.toContain('sk-secret');
      expect(found.get('Models')!.text).toContain('anthropic');
    } finally {
      taken.close();
    }
  });
});
