/** How a sandbox lives and ends: what comes in and out, that nothing stays behind, and that a killed host is cleaned up. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runToEnd } from '../run-to-end.ts';
import { Bench, type DriverUnderTest, eventually, LIMITS, said } from './bench.ts';

/** Twelve children that leave the process group, ignore SIGTERM and go on writing, each a letter of its own. It is ready when all of them do. */
const STUBBORN = `
const {spawn}=require('child_process'),fs=require('fs');
const child="process.on('SIGTERM',()=>{});setInterval(()=>require('fs').appendFileSync('/w/app/beat',process.argv[1]),20)";
for(let i=0;i<12;i++)spawn(process.execPath,['-e',child,'abcdefghijkl'[i]],{detached:true,stdio:'ignore'}).unref();
process.on('SIGTERM',()=>{});
const all=()=>fs.existsSync('/w/app/beat')&&new Set(fs.readFileSync('/w/app/beat','utf8')).size===12;
const look=setInterval(()=>{if(all()){console.log('ready');clearInterval(look)}},50);setInterval(()=>{},1e3)`;

export function lifecycleTests(under: DriverUnderTest): void {
  describe(`${under.name}: a sandbox`, () => {
    let bench: Bench;
    beforeAll(() => {
      bench = new Bench(under);
    });
    afterAll(async () => await bench.close());

    it('holds in a self-test, which names the limits in force', async () => {
      const test = await bench.driver.selfTest();
      expect(test).toMatchObject({ ok: true });
      expect(Object.values(test.limits).every((words) => words.length > 3)).toBe(true);
    });

    it('passes stdin, stdout, stderr and the exit code through', async () => {
      const sandbox = await bench.start(
        `process.stdin.on('data',d=>process.stdout.write('got '+d)).on('end',()=>{console.error('bye');process.exitCode=7})`,
        { stdin: 'pipe' },
      );
      sandbox.stdin!.end('hello');
      const exit = await sandbox.exited;
      expect(exit).toMatchObject({ code: 7, signal: null, reason: 'exit', message: 'It ended with code 7.' });
      expect(sandbox.logs.text().split('\n').toSorted()).toEqual(['bye', 'got hello']);
      expect(sandbox.status()).toEqual({ state: 'ended', rssMb: 0, processes: 0 });
    });

    it('loses nothing that was printed before anybody could listen, also of a program that is over by then', async () => {
      const words = { command: ['node', '-e', `console.log('early');console.error('and gone')`] };
      const starting = bench.start('', words);
      // what it is started with is written, and then we are busy for as long as it lives
      await new Promise((resolve) => setImmediate(resolve));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
      const sandbox = await starting;
      const heard = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const)
        sandbox[stream].on('data', (text: string) => {
          heard[stream] += text;
        });
      expect(await sandbox.exited).toMatchObject({ code: 0, reason: 'exit' });
      expect(heard).toEqual({ stdout: 'early\n', stderr: 'and gone\n' });
    });

    it('tells its memory and its processes while it runs', async () => {
      const sandbox = await bench.start(`console.log('up');setInterval(()=>{},1e3)`);
      await said(sandbox, 'up');
      expect(sandbox.status()).toMatchObject({ state: 'running', processes: 1 });
      expect(sandbox.status().rssMb).toBeGreaterThan(20);
      await sandbox.stop(0);
    });

    it('gets the time to end by itself that stop allows', async () => {
      const sandbox = await bench.start(
        `process.on('SIGTERM',()=>setTimeout(()=>{console.log('tidied');process.exit()},100));console.log('up');setInterval(()=>{},1e3)`,
      );
      await said(sandbox, 'up');
      await sandbox.stop(5_000);
      expect(sandbox.logs.text()).toContain('tidied');
      expect(await sandbox.exited).toMatchObject({ reason: 'stopped', message: 'It was stopped.' });
    });

    it('leaves no process behind, even of a kind that ignores signals and runs away', async () => {
      const app = bench.folder('stubborn');
      const sandbox = await bench.start(STUBBORN, {
        mounts: [{ source: app, target: '/w/app', mode: 'rw' }],
        limits: { ...LIMITS, processes: 200, memoryMb: 1024 },
      });
      expect(await said(sandbox, 'ready')).toBe(true);
      expect(sandbox.status().processes).toBe(13);
      const began = Date.now();
      await sandbox.stop(200);
      expect(Date.now() - began).toBeLessThan(3_000);
      expect(await stillGrows(join(app, 'beat'))).toBe(false);
    });

    it('that cannot start says why', async () => {
      const result = await bench.run('', { command: ['/no/such/program'] });
      expect(result.reason).toBe('failed-to-start');
      expect(result.message).toContain('/no/such/program');
      const elsewhere = await bench.run('', { workdir: '/nowhere' });
      expect(elsewhere.reason).toBe('failed-to-start');
    });

    it('is cut after its time, and when the caller gives up', async () => {
      const spec = bench.spec(`setInterval(()=>{},1e3)`);
      const late = await runToEnd(bench.driver, spec, { timeoutMs: 300 });
      expect(late).toMatchObject({ reason: 'timeout', message: 'It took longer than 0 s and was ended.' });
      const signal = AbortSignal.timeout(300);
      const cut = await runToEnd(bench.driver, spec, { timeoutMs: 60_000, signal });
      expect(cut).toMatchObject({ reason: 'aborted', message: 'It was stopped.' });
    });

    it('that prints for ever costs a fixed amount of memory', async () => {
      const sandbox = await bench.start(
        `const line='x'.repeat(1e5);setInterval(()=>{for(let i=0;i<20;i++)console.log(line)},1)`,
      );
      await sleep(700);
      await sandbox.stop(0);
      expect(sandbox.logs.text(1e6).length).toBeLessThan(300_000);
    });

    it('runs beside others that start at the same moment', async () => {
      const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => bench.ask<number>(`console.log(${n})`)));
      expect(answers).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('ends with its host, and the next host finds and removes what is left', async () => {
      const [app, data] = [bench.folder('orphan'), bench.folder('host')];
      const script = `const dataDir=${JSON.stringify(data)};const driver=${under.makeElsewhere};
        const s=await driver.start({id:'orphan',command:['node','-e',${JSON.stringify(STUBBORN)}],env:{},mounts:[{source:${JSON.stringify(app)},target:'/w/app',mode:'rw'}],
        tmpfs:[],workdir:'/',limits:${JSON.stringify({ ...LIMITS, processes: 200, memoryMb: 1024 })},stdin:'ignore'});
        s.logs.subscribe(l=>console.log(l.text));setInterval(()=>{},1e3)`;
      const file = join(bench.dataDir, 'host.mjs');
      writeFileSync(file, script);
      const host = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(host.stdout, 'data');
      const driver = under.make(data);
      expect(await driver.reap()).toBe(0);
      expect(await eventually(() => stillGrows(join(app, 'beat')))).toBe(true);
      host.kill('SIGKILL');
      await once(host, 'exit');
      expect(await eventually(async () => !(await stillGrows(join(app, 'beat'))))).toBe(true);
      expect(await driver.reap()).toBe(1);
      expect(await driver.reap()).toBe(0);
    });
  });
}

async function stillGrows(file: string): Promise<boolean> {
  const before = readFileSync(file).length;
  await sleep(250);
  return readFileSync(file).length > before;
}
