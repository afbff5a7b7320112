/** The list at the end of `npm test`, from reports as vitest writes them. */
import { expect, it } from 'vitest';
import { failuresOf, linesOf } from './what-failed.mjs';

const file = (name, status, tests, message = '') => ({
  ...{ name: `/vibe/${name}`, status, message },
  assertionResults: tests.map(([fullName, status]) => ({ fullName, status, failureMessages: [`${fullName} broke`] })),
});
const failures = (code, ...testResults) =>
  failuresOf({ name: 'units', report: { testResults }, code, root: '/vibe' }).map(({ name }) => name);

it('names each test that failed, and each file that has none and failed as a whole', () => {
  expect(
    failures(
      1,
      file('a.test.ts', 'failed', [
        ['adds', 'failed'],
        ['takes', 'passed'],
      ]),
      file('b.test.ts', 'passed', [['reads', 'passed']]),
      file('c.test.ts', 'failed', [], 'Cannot find package'),
      file('d.test.ts', 'failed', [['writes', 'passed']], 'afterAll broke'),
    ),
  ).toEqual(['a.test.ts > adds', 'c.test.ts', 'd.test.ts']);
});

it('says that a suite broke where nothing else says so', () => {
  expect(failures(0, file('b.test.ts', 'passed', [['reads', 'passed']]))).toEqual([]);
  expect(failures(1, file('b.test.ts', 'passed', [['reads', 'passed']]))).toEqual(['units']);
  expect(failures(1, file('c.test.ts', 'failed', [], 'Cannot find package'))).toEqual(['c.test.ts']);
  expect(failuresOf({ name: 'units', report: undefined, code: 137, root: '/vibe' })).toEqual([
    { name: 'units', said: 'The units ended with code 137, and no test of them failed.' },
  ]);
});

it('shows the message also where it speaks of node_modules, and of the trace only what is ours', () => {
  expect(
    linesOf(
      '\u001b[31mError\u001b[39m: Cannot find /vibe/node_modules/pg\n\n    at load (/vibe/node_modules/x.js:1)\n    at /vibe/server/a.ts:2',
    ),
  ).toEqual(['Error: Cannot find /vibe/node_modules/pg', 'at /vibe/server/a.ts:2']);
});
