/** Runs inside a check's sandbox: types, then tests, of the exported tree at /w/app. Each step's result is one JSON line on fd 1. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

const BIN = '/w/node_modules';
const MOST = 64 * 1024;

process.on('SIGTERM', () => process.exit(143));
process.chdir('/w/app');

/** Runs a Node program; its own output is kept, the last 64 KB. */
function run(words) {
  return new Promise((resolve) => {
    const env = { ...process.env, CI: '1', NO_COLOR: '1', FORCE_COLOR: '0' };
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-MOST);
        process.stderr.write(text);
      });
    }
    child.on('error', (error) => resolve({ ok: false, output: String(error) }));
    child.on('close', (code) => resolve({ ok: code === 0, output: output.replaceAll('/w/app/', '') }));
  });
}

async function step(name, words) {
  const began = performance.now();
  const result = await run(words);
  process.stdout.write(`${JSON.stringify({ name, ...result, durationMs: Math.round(performance.now() - began) })}\n`);
  return result.ok;
}

const hasTests = ['src', 'tests'].some(
  (folder) =>
    existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => /\.(test|spec)\.[jt]s$/.test(name)),
);
const synced = await step('prepare', [`${BIN}/@sveltejs/kit/svelte-kit.js`, 'sync']);
if (synced && existsSync('tsconfig.json'))
  await step('types', [`${BIN}/svelte-check/bin/svelte-check`, '--output', 'human']);
if (hasTests)
  await step('tests', [
    ...['--import', '/w/runners/without-typescript.mjs'],
    ...[`${BIN}/vitest/vitest.mjs`, 'run', '--configLoader', 'native', '--reporter', 'default'],
  ]);
process.exit(0);
