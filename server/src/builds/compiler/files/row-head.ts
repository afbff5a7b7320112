/** What the pages of one row begin with: their imports, the row and its name. */
import type { Entity } from '../../../../../contract/spec.ts';
import { namedImport, titleExpression, titleNeeds } from '../cells.ts';
import type { Context } from '../context.ts';
import { displayOf, namesOf } from '../names.ts';

export interface RowHead {
  /** names from the entity's module and from format.ts that the name needs */
  needs: { choices: string[]; functions: string[] };
  /** the import lines of just these */
  imports: (string | false)[];
  /** the lines that take the row out of `data` and name it */
  lines: string[];
}

export function rowHead(context: Context, entity: Entity): RowHead {
  const { one, slug } = namesOf(entity);
  const display = displayOf(entity);
  const needs = titleNeeds(entity, display);
  return {
    needs,
    imports: [namedImport(needs.choices, `#lib/${slug}.ts`), namedImport(needs.functions, '#lib/format.ts')],
    lines: [
      `  const ${one} = $derived(data.${one});`,
      `  const name = $derived(${titleExpression(context, entity, display, one)});`,
    ],
  };
}
