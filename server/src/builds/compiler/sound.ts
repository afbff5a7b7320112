/** For tests: whether generated files are what their names say. */
import { parseSync } from 'oxc-parser';
import { compile as compileSvelte } from 'svelte/compiler';
import { expect } from 'vitest';

/** Every file must be read by the real parsers of its language. */
export function expectSound(files: Map<string, string>): void {
  for (const [path, text] of files) {
    if (path.endsWith('.svelte')) {
      const { warnings } = compileSvelte(text, { filename: path, generate: false });
      expect([path, warnings.map((warning) => warning.message)]).toEqual([path, []]);
    }
    if (path.endsWith('.ts')) expect([path, parseSync(path, text).errors]).toEqual([path, []]);
    if (path.endsWith('.json')) expect(() => JSON.parse(text)).not.toThrow();
    expect([path, text.endsWith('\n') && !/[ \t]$/m.test(text)]).toEqual([path, true]);
  }
}
