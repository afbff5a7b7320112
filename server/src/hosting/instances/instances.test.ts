/** How previews and releases start, sleep, come back and fail, with small servers in real sandboxes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ask, HostingBench } from '../fixtures/bench.ts';
import type { InstancePlan } from '../plans.ts';
import { Instances, type InstancesOptions } from '../previews.ts';

const bench = new HostingBench();
const opened: Instances[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((instances) => instances.stopAll()));
});
afterAll(() => bench.end());

const SERVER = `const http=require('http');http.createServer((q,r)=>{if(q.url==='/die'){r.end('bye');setTimeout(()=>process.exit(3),5);return}
  r.end(String(process.pid)+' '+Date.now())}).listen('/run/sbx/http.sock',()=>console.log('listening'));process.on('SIGTERM',()=>process.exit(0));`;

function open(options: Partial<InstancesOptions> = {}) {
  const instances = new Instances({ driver: bench.driver, ...options });
  const states: string[] = [];
  instances.onState((key, state) => states.push(`${key}:${state}`));
  opened.push(instances);
  return { instances, states };
}

function plan(script = SERVER): InstancePlan {
  const limits = { memoryMb: 256, processes: 64, cpuPercent: 100, fileSizeMb: 8, openFiles: 256 };
  const base = { env: {}, mounts: [], tmpfs: [], workdir: '/', limits, stdin: 'ignore' as const };
  return {
    spec: { ...base, id: bench.id('inst'), command: ['node', '-e', script] },
    socket: 'http.sock',
    graceMs: 1_000,
  };
}

describe('an instance', () => {
  it('starts once for all who ask, answers, and stops', async () => {
    const { instances, states } = open();
    let made = 0;
    const make = () => {
      made++;
      return plan();
    };
    const reports = await Promise.all([1, 2, 3].map(() => instances.ensure('a', make)));
    expect(reports.map((report) => report.state)).toEqual(['running', 'running', 'running']);
    expect((await ask(() => instances.connect('a'), '/')).status).toBe(200);
    expect(instances.logs('a').map((line) => line.text)).toEqual(['listening']);
    expect(instances.status('a').usage).toMatchObject({ state: 'running', processes: 1 });
    await instances.stop('a');
    expect([made, states]).toEqual([1, ['a:starting', 'a:running', 'a:stopping', 'a:asleep']]);
    await expect(instances.connect('a')).rejects.toMatchObject({ code: 'instance_asleep' });
    await instances.ensure('a', make);
    expect(made).toBe(2);
  });

  it('that ends while it starts is failed, says why, and is tried again only when a person asks', async () => {
    const { instances } = open();
    const broken = () => plan(`console.error('no such table: orders');process.exit(2)`);
    await expect(instances.ensure('a', broken)).rejects.toMatchObject({
      code: 'instance_failed',
      message: 'It ended with code 2.',
      detail: 'no such table: orders',
    });
    expect(instances.status('a')).toMatchObject({ state: 'failed', message: expect.stringContaining('no such table') });
    await expect(instances.ensure('a', () => plan())).rejects.toMatchObject({ code: 'instance_failed' });
    expect(await instances.ensure('a', () => plan(), { retry: true })).toMatchObject({ state: 'running' });
  });

  it('that never answers is failed after its time', async () => {
    // long enough to have said what it says, also on a busy machine
    const { instances } = open({ startTimeoutMs: 4_000 });
    const mute = () => plan(`console.log('thinking');setInterval(()=>{},1e3)`);
    const failing = expect(instances.ensure('a', mute)).rejects.toMatchObject({
      message: 'It did not answer within 4 s.',
      detail: 'thinking',
    });
    const deaf = () => plan(`require('net').createServer(()=>{}).listen('/run/sbx/http.sock')`);
    await expect(instances.ensure('b', deaf)).rejects.toMatchObject({ code: 'instance_failed' });
    await failing;
  });

  it('that dies comes back by itself, and is failed when it dies again and again', async () => {
    const { instances, states } = open({ restarts: { most: 2, pauseMs: 20 } });
    await instances.ensure('a', () => plan());
    for (let death = 0; death < 2; death++) {
      await ask(() => instances.connect('a'), '/die');
      await expect.poll(() => states.filter((state) => state === 'a:running').length).toBe(death + 2);
    }
    await ask(() => instances.connect('a'), '/die');
    await expect.poll(() => instances.status('a').state).toBe('failed');
    expect(instances.status('a').message).toContain('It ended 3 times within a minute. It ended with code 3.');
    await expect(instances.connect('a')).rejects.toMatchObject({ code: 'instance_failed' });
  });

  it('that takes too much memory says so', async () => {
    const { instances } = open({ restarts: { most: 0, pauseMs: 20 } });
    const greedy = `${SERVER}setTimeout(()=>{const k=[];setInterval(()=>k.push(Buffer.alloc(2e7,1)),5)},500)`;
    await instances.ensure('a', () => plan(greedy));
    await expect.poll(() => instances.status('a').state, { timeout: 15_000 }).toBe('failed');
    expect(instances.status('a').message).toContain('It used more than 256 MB of memory and was ended.');
  });

  it('falls asleep when nobody uses it, and neither while a connection is open nor when it is kept awake', async () => {
    const { instances } = open({ idleMs: 300 });
    await instances.ensure('a', () => plan());
    // before the other one starts: on a busy machine that takes longer than the first may idle
    const leave = instances.enter('a');
    await instances.ensure('kept', () => plan(), { keepAwake: true });
    await sleep(600);
    expect(instances.status('a').state).toBe('running');
    leave();
    await expect.poll(() => instances.status('a').state).toBe('asleep');
    expect(instances.status('kept').state).toBe('running');
  });

  it('waits for its turn when others start', async () => {
    const { instances, states } = open({ startsAtOnce: 1 });
    await Promise.all(['a', 'b', 'c'].map((key) => instances.ensure(key, () => plan())));
    expect(states.slice(0, 3)).toEqual(['a:starting', 'b:starting', 'c:starting']);
    expect(states.slice(3)).toEqual(['a:running', 'b:running', 'c:running']);
  });

  it('that is stopped while it starts does not run afterwards', async () => {
    const { instances } = open();
    const slow = () => plan(`setTimeout(()=>{${SERVER}},600)`);
    const starting = instances.ensure('a', slow).catch((error: { code: string }) => error.code);
    await sleep(200);
    await instances.stop('a');
    expect(await starting).toMatch(/^instance_(stopped|failed)$/);
    expect(instances.status('a').state).toBe('asleep');
    await sleep(700);
    expect(instances.status('a').state).toBe('asleep');
  });

  it('is refused a folder that is not there, without harm to the next start', async () => {
    const { instances } = open();
    const missing = plan();
    missing.spec.mounts.push({ source: join(bench.dataDir, 'absent'), target: '/w/app', mode: 'ro' });
    await expect(instances.ensure('a', () => missing)).rejects.toMatchObject({ code: 'sandbox_spec_refused' });
    writeFileSync(join(bench.dataDir, 'present'), '');
    expect(await instances.ensure('a', () => plan(), { retry: true })).toMatchObject({ state: 'running' });
  });
});
