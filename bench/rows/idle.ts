/** What it costs to stand there: memory with both clusters and no preview, and the time from the command to the address. */
import { readdir, readFile } from 'node:fs/promises';
import { makeVibe } from '../../e2e/support/vibe.ts';
import { runDirOf } from '../../server/src/config.ts';
import { median, type Row, timed } from '../support/row.ts';

export async function idle(): Promise<Row[]> {
  const vibe = await makeVibe();
  const starts: number[] = [];
  await vibe.start();
  try {
    for (let round = 0; round < 3; round++) {
      await vibe.stop();
      starts.push((await timed(() => vibe.start())) / 1000);
    }
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    const memory = await memoryOf([vibe.dataDir, runDirOf(vibe.dataDir)], vibe.dataDir);
    return [
      {
        path: 'idle memory, both clusters, no previews',
        beside: '',
        ours: memory,
        bare: null,
        unit: 'MB',
        result: memory,
        kind: 'value',
        limit: 350,
        note: 'proportional set size',
      },
      {
        path: 'second start → address',
        beside: '',
        ours: median(starts),
        bare: null,
        unit: 's',
        result: median(starts),
        kind: 'value',
        limit: 4,
      },
    ];
  } finally {
    await vibe.remove();
  }
}

/** Proportional memory of every process that belongs to a data folder: by its command line, its environment or its parent. */
async function memoryOf(marks: string[], dataDir: string): Promise<number> {
  let total = 0;
  const parents = new Map<number, number>();
  const own = new Set<number>();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) {
    const [command, environment, stat] = await Promise.all(
      ['cmdline', 'environ', 'stat'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    );
    parents.set(pid, Number(stat!.slice(stat!.lastIndexOf(')') + 2).split(' ')[1]));
    if (marks.some((mark) => command!.includes(mark)) || environment!.split('\0').includes(`VIBE_DATA_DIR=${dataDir}`))
      own.add(pid);
  }
  for (const pid of pids) {
    let [at, hops] = [pid, 0];
    while (at > 1 && !own.has(at) && hops++ < 20) at = parents.get(at) ?? 0;
    if (!own.has(at)) continue;
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    total += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return total / 1024;
}
