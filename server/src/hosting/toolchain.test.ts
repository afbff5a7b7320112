/** Installing the apps' tools: once, whole, and read-only. A small lockfile without packages from the network keeps it quick. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { npmPath } from './fixtures/bench.ts';
import { ensureToolchain, findToolchain } from './toolchain.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vibe-toolchain-'));
  lock('one');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A lockfile with one package, which lies in the lock's own folder as a file: no registry is asked. */
function lock(name: string): void {
  const folder = join(root, 'lock');
  mkdirSync(folder, { recursive: true });
  const manifest = { name: 'tools', version: '1.0.0', private: true, license: name };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const entry = {
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name: 'tools', version: '1.0.0', license: name } },
  };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ name: 'tools', version: '1.0.0', ...entry }));
}

/** Stands for npm where its work is not the point: makes a module, slowly. @param ends one that does not come to its end before whoever has called it does */
function slowNpm(ends = true): string {
  const path = join(root, 'slow-npm.cjs');
  const end = ends
    ? `setTimeout(()=>fs.writeFileSync('node_modules/tool/index.js','1'),400)`
    : `const parent=process.ppid;setInterval(()=>process.ppid===parent||process.exit(1),20)`;
  const script = `const fs=require('fs');fs.mkdirSync('node_modules/tool',{recursive:true});fs.appendFileSync(${JSON.stringify(join(root, 'runs'))},'x');${end}`;
  writeFileSync(path, script);
  return path;
}

const options = (npm: string) => ({
  dataDir: join(root, 'data'),
  lockDir: join(root, 'lock'),
  npmPath: npm,
  nodePath: process.execPath,
});

describe('a toolchain', () => {
  it('is installed by npm itself, under the name of its lockfile', async () => {
    const lines: string[] = [];
    const made = await ensureToolchain({ ...options(npmPath()), onProgress: (line) => lines.push(line) });
    expect(made.id).toMatch(/^[0-9a-f]{20}$/);
    expect(existsSync(made.modules)).toBe(true);
    expect(lines[0]).toContain('Installing');
  });

  it('is there whole and read-only, is not installed again, and another lockfile has another', async () => {
    const npm = slowNpm();
    const first = await ensureToolchain(options(npm));
    expect(first).toEqual(findToolchain(join(root, 'data'), first.id));
    expect(statSync(join(first.modules, 'tool/index.js')).mode & 0o777).toBe(0o444);
    expect(statSync(join(first.modules, 'tool')).mode & 0o777).toBe(0o555);
    expect(await ensureToolchain(options(npm))).toEqual(first);
    lock('two');
    expect((await ensureToolchain(options(npm))).id).not.toBe(first.id);
    expect(statSync(join(root, 'runs')).size).toBe(2);
  });

  it('is one when two ask at once', async () => {
    const npm = slowNpm();
    const both = await Promise.all([ensureToolchain(options(npm)), ensureToolchain(options(npm))]);
    expect(both[0]).toEqual(both[1]);
    expect(readdirSync(join(root, 'data/toolchains'))).toEqual([both[0].id]);
  });

  it('is not taken for whole when its installation was killed, and the rest of it is removed', async () => {
    const npm = slowNpm(false);
    const script = `const {ensureToolchain}=await import(${JSON.stringify(new URL('./toolchain.ts', import.meta.url).href)});
      await ensureToolchain(${JSON.stringify(options(npm))})`;
    const file = join(root, 'install.mjs');
    writeFileSync(file, script);
    const child = spawn(process.execPath, [file], { stdio: 'ignore' });
    await expect.poll(() => existsSync(join(root, 'runs'))).toBe(true);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('exit', resolve));
    expect(readdirSync(join(root, 'data/toolchains'))[0]).toMatch(/^\./);
    const made = await ensureToolchain(options(slowNpm()));
    expect(readdirSync(join(root, 'data/toolchains'))).toEqual([made.id]);
  });

  it('that cannot be installed says so and leaves nothing', async () => {
    const npm = join(root, 'broken.cjs');
    writeFileSync(npm, `console.error('E404 not found');process.exit(1)`);
    await expect(ensureToolchain(options(npm))).rejects.toMatchObject({
      code: 'toolchain_failed',
      detail: 'E404 not found',
    });
    expect(readdirSync(join(root, 'data/toolchains'))).toEqual([]);
  });
});
