/** What of a run of the tests failed, for the end of `npm test`: what is counted is what is listed. */
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/**
 * @param report of vitest, as JSON; undefined: there is none
 * @param code with which the suite ended
 * @returns what failed, each with what it said first
 */
export function failuresOf({ name, report, code, root }) {
  const of = (file) => {
    const path = relative(root, file.name);
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    const tests = failed.map((test) => ({ name: `${path} > ${test.fullName}`, said: test.failureMessages.join('\n') }));
    // a file that could not be read, or whose set-up broke, has no test that failed
    return tests.length === 0 && file.status === 'failed' ? [{ name: path, said: file.message }] : tests;
  };
  const failures = (report?.testResults ?? []).flatMap(of);
  // a suite that broke before or after its tests has failed too
  return code !== 0 && failures.length === 0
    ? [{ name, said: `The ${name} ended with code ${code}, and no test of them failed.` }]
    : failures;
}

/** The first lines of what a failure said: its message, and where in our own code it stood. */
export function linesOf(said) {
  return stripVTControlCharacters(said)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !(line.startsWith('at ') && line.includes('node_modules')))
    .slice(0, 8)
    .map((line) => line.slice(0, 240));
}
