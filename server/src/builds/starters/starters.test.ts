import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { appLanguages, emptySpec } from '../../../../contract/spec.ts';
import { specOperationsSchema } from '../../../../contract/spec-operations.ts';
import { pictureType } from '../../../../templates/uploads/src/lib/server/picture-type.ts';
import { compile } from '../compiler/compile.ts';
import { expectSound } from '../compiler/sound.ts';
import { applyOperations } from '../spec/apply.ts';
import { starters } from './starters.ts';

describe.each(starters)('the starter $id', (starter) => {
  const made = () => {
    const applied = applyOperations(emptySpec('x'), starter.operations);
    if (!applied.ok) throw new Error(`${applied.index}: ${applied.message}`);
    return applied.spec;
  };

  it('is a spec of its title, with pages, and has a look of its own', () => {
    const spec = made();
    expect(spec.title).toBe(starter.title);
    expect(spec.icon && spec.colour).toBeTruthy();
    expect(spec.pages!.length).toBeGreaterThanOrEqual(3);
    expect(specOperationsSchema.safeParse(starter.operations).success).toBe(true);
    expect(new Set(starters.map(({ operations }) => JSON.stringify(operations[1]))).size).toBe(starters.length);
  });

  it('compiles to files that the parsers of their languages read, in every language', () => {
    for (const language of appLanguages) expectSound(compile({ ...made(), language }, { slug: 'starter' }));
  });

  it('has a picture', () => {
    const picture = readFileSync(new URL(`../../../../web/public/assets/starters/${starter.id}.png`, import.meta.url));
    expect(pictureType(picture)).toBe('image/png');
    expect(picture.length).toBeLessThan(80_000);
  });
});
