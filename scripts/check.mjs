/** `npm run check`: format, lint, types, import arrows, unused code, schema drift. What everybody runs before a commit. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodePath, ROOT } from './prepare.mjs';

const bin = (name) => join(ROOT, 'node_modules', '.bin', name);
const node = nodePath();
const checks = [
  ['Format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['Types of the server', bin('tsc'), ['--noEmit', '-p', '.']],
  ['Types of the web UI', bin('tsc'), ['--noEmit', '-p', 'web']],
  ['Import arrows', node, [join(ROOT, 'scripts', 'arrows.ts')]],
  ['Unused files and dependencies', node, [join(ROOT, 'node_modules', 'knip', 'bin', 'knip.js'), '--no-progress']],
  ['Schema file', node, [join(ROOT, 'scripts', 'schema.ts'), '--check']],
  ['Error reference', node, [join(ROOT, 'scripts', 'error-reference.ts'), '--check']],
];

let failed = 0;
for (const [name, command, args] of checks) {
  if (!existsSync(command)) {
    console.error(`  ${name}: ${command} is missing. Run npm ci.`);
    failed++;
    continue;
  }
  const began = performance.now();
  const result = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  const ok = result.status === 0;
  if (!ok) failed++;
  console.log(`  ${ok ? '✓' : '✗'} ${name.padEnd(32)} ${((performance.now() - began) / 1000).toFixed(1)} s`);
  if (!ok) console.error(`${result.stdout}${result.stderr}`.split('\n').slice(0, 60).join('\n'));
}
process.exit(failed > 0 ? 1 : 0);
