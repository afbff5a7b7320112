/** Runs the rows, prints the table and writes JSON. Names on the command line run only the rows that contain them. */
import { mkdir, writeFile } from 'node:fs/promises';
import setup from '../e2e/support/global-setup.ts';
import { catalogue } from './rows/catalogue.ts';
import { draft } from './rows/draft.ts';
import { editToDom } from './rows/edit-to-dom.ts';
import { firstToken } from './rows/first-token.ts';
import { fresh } from './rows/fresh.ts';
import { gateway } from './rows/gateway.ts';
import { idle } from './rows/idle.ts';
import { mirror } from './rows/mirror.ts';
import { newChat } from './rows/new-chat.ts';
import { releases } from './rows/releases.ts';
import { router } from './rows/router.ts';
import { rowsPage } from './rows/rows-page.ts';
import { passes, type Row } from './support/row.ts';
import { makeStage, type Stage } from './support/stage.ts';

type Bench = { name: string; run: (stage: () => Promise<Stage>) => Promise<Row | Row[]> };
const benches: Bench[] = [
  { name: 'idle', run: () => idle() },
  { name: 'fresh', run: () => fresh() },
  { name: 'new-chat', run: () => newChat() },
  { name: 'draft', run: () => draft() },
  { name: 'gateway', run: () => gateway() },
  { name: 'router', run: () => router() },
  { name: 'rows-page', run: () => rowsPage() },
  { name: 'catalogue', run: () => catalogue() },
  { name: 'mirror', run: () => mirror() },
  { name: 'edit-to-dom', run: async (stage) => editToDom(await stage()) },
  { name: 'first-token', run: async (stage) => firstToken(await stage()) },
  { name: 'releases', run: async (stage) => releases(await stage()) },
];

await setup();
const wanted = process.argv.slice(2);
let made: Promise<Stage> | undefined;
const stage = () => {
  made ??= makeStage();
  return made;
};
const rows: Row[] = [];
for (const bench of benches.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)))) {
  process.stdout.write(`  measuring ${bench.name} …\n`);
  try {
    rows.push(...[await bench.run(stage)].flat());
  } catch (error) {
    console.error(`  ${bench.name} could not be measured:`, error);
    process.exitCode = 1;
  }
}
await (await made?.catch(() => undefined))?.vibe.remove();
await (await made?.catch(() => undefined))?.claude.close();

const number = (value: number | null, unit: string) =>
  value === null ? '' : `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
const result = (row: Row) =>
  row.kind === 'ratio'
    ? `${row.result.toFixed(2)}×`
    : row.kind === 'difference'
      ? `+${number(row.result, row.unit)}`
      : number(row.result, row.unit);
const limit = (row: Row) =>
  `${row.atLeast ? '≥' : '≤'} ${row.kind === 'ratio' ? `${row.limit}×` : `${row.limit} ${row.unit}`}`;
const table = rows.map((row) => [
  row.path,
  row.beside,
  number(row.ours, row.unit),
  number(row.bare, row.unit),
  result(row),
  limit(row),
  passes(row) ? 'yes' : 'NO',
  row.note ?? '',
]);
const head = ['path', 'beside', 'ours', 'bare', 'result', 'promised', 'kept', ''];
const widths = head.map((name, i) => Math.max(name.length, ...table.map((line) => line[i]!.length)));
for (const line of [head, ...table])
  console.log(`  ${line.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd());

const folder = new URL('./results/', import.meta.url);
await mkdir(folder, { recursive: true });
const file = new URL(`${new Date().toISOString().replace(/[:.]/g, '-')}.json`, folder);
await writeFile(file, `${JSON.stringify({ at: new Date().toISOString(), node: process.version, rows }, null, 2)}\n`);
console.log(`\n  Written to bench/results/`);
process.exit();
