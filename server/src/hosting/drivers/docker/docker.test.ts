/** The contract over an engine that speaks Docker's API: Podman with a storage of its own, or the one of DOCKER_HOST. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeDriver } from '../../driver.contract.ts';
import { DockerDriver } from './docker.ts';
import { findTestEngine } from './fixtures/test-engine.ts';

const module = new URL('./docker.ts', import.meta.url).href;
const engine = await findTestEngine();

if ('missing' in engine) {
  describe.skip(`docker: not run, because ${engine.missing}`, () => {
    it('holds the contract', () => undefined);
  });
} else {
  const { host, title, close } = engine;
  afterAll(close);
  describeDriver({
    name: `docker (${title})`,
    make: (dataDir) => new DockerDriver({ dataDir, nodePath: process.execPath, dockerHost: host }),
    makeElsewhere: `new (await import(${JSON.stringify(module)})).DockerDriver({ dataDir, nodePath: process.execPath, dockerHost: ${JSON.stringify(host)} })`,
    furnished: ['/etc/hostname', '/var', '/sys/kernel'],
  });
}

describe('docker: without an engine', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'vibe-docker-'));
  const driver = (dockerHost: string) => new DockerDriver({ dataDir, nodePath: process.execPath, dockerHost });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it('says so, and what to do', async () => {
    expect(await driver('unix:///no/such.sock').selfTest()).toMatchObject({
      ok: false,
      reason: expect.stringContaining('does not answer at /no/such.sock'),
      fix: expect.stringContaining('DOCKER_HOST'),
    });
  });

  it('refuses one that is elsewhere, because it could not see the folders of this machine', async () => {
    const test = await driver('tcp://10.0.0.1:2375').selfTest();
    expect(test).toMatchObject({ ok: false, reason: 'DOCKER_HOST is not a unix socket.' });
  });
});
