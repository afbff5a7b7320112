/** What real previews print when something goes wrong, and what hostile ones might. */
import { describe, expect, it } from 'vitest';
import { type PreviewProblem, previewProblemSchema } from '../../../contract/preview.ts';
import { ProblemReader } from './preview-problems.ts';

function readAll(lines: string[]): PreviewProblem[] {
  const told: PreviewProblem[] = [];
  const reader = new ProblemReader((problem) => told.push(previewProblemSchema.parse(problem)));
  for (const text of lines) reader.read({ stream: 'stderr', text });
  reader.flush();
  return told;
}

describe('what a preview prints', () => {
  it('names message, file and line of what a load function threw', () => {
    const [problem] = readAll([
      "\u001b[31mTypeError: Cannot read properties of null (reading 'x')\u001b[0m",
      '    at load (src/routes/bad/+page.server.ts:5:17)',
      '500 GET /bad',
    ]);
    expect(problem).toMatchObject({
      message: "TypeError: Cannot read properties of null (reading 'x')",
      file: 'src/routes/bad/+page.server.ts',
      line: 5,
    });
  });
  it('names where a component does not compile', () => {
    const [problem, ...more] = readAll([
      'Internal server error: /w/app/src/routes/syntax/+page.svelte:2:4 Expected whitespace',
      'https://svelte.dev/e/expected_whitespace',
      '  Plugin: vite-plugin-svelte:compile',
      '  File: /w/app/src/routes/syntax/+page.svelte:2:4',
      '   2 |  {#if}',
      '500 GET /syntax',
    ]);
    expect(problem).toMatchObject({ message: 'Expected whitespace', file: 'src/routes/syntax/+page.svelte', line: 2 });
    expect(problem!.stack).toContain('{#if}');
    expect(more).toEqual([]);
  });
  it('names what ended the server from outside of a request', () => {
    const [problem] = readAll([
      '/w/app/src/routes/later/+page.server.js:1',
      'Error: late one',
      '    at Timeout.eval (/w/app/src/routes/later/+page.server.js:1:61)',
      '',
      'Node.js v24.21.0',
    ]);
    expect(problem).toMatchObject({ message: 'Error: late one', file: 'src/routes/later/+page.server.js', line: 1 });
  });
  it('is not a problem when it is only words, or goes to the other stream', () => {
    expect(readAll(['Pre-transform error: Failed to load url /src/routes/+page.svelte. Does the file exist?'])).toEqual(
      [],
    );
    expect(readAll(['just words', '404 GET /favicon.ico', '(!) Failed to run dependency scan.'])).toEqual([]);
    const told: unknown[] = [];
    const reader = new ProblemReader((problem) => told.push(problem));
    reader.read({ stream: 'stdout', text: 'Error: on the other stream' });
    reader.flush();
    expect(told).toEqual([]);
  });
  it('is told once, and only so often, whatever an app prints', () => {
    const same = readAll(Array.from({ length: 200 }, () => 'Error: again and again'));
    expect(same).toHaveLength(1);
    const many = readAll(Array.from({ length: 200 }, (_, i) => `Error: number ${i}`));
    expect(many).toHaveLength(6);
  });
  it('is cut to size, and names no file outside of the app', () => {
    const [long] = readAll([
      `Error: ${'x'.repeat(9000)}`,
      ...Array.from({ length: 500 }, () => `    at ${'y'.repeat(500)}`),
    ]);
    expect(long!.message.length).toBeLessThanOrEqual(500);
    expect(long!.stack.length).toBeLessThanOrEqual(2000);
    const outside = readAll([
      'Error: a',
      '    at x (/etc/passwd:3:1)',
      'Error: b',
      '    at x (src/../../etc/passwd:3:1)',
    ]);
    expect(outside.map(({ file }) => file)).toEqual([null, null]);
  });
});
