/** src/lib/server/pointers.ts: every column that holds a stored file, and which of them the person of a request sees. */
import { isUpload } from '../../spec/kinds.ts';
import { tableOf } from '../../spec/naming.ts';
import type { Context } from '../context.ts';
import { file } from '../text.ts';
import { hasRoles } from './rules.ts';

export function uploadFiles(context: Context): [string, string][] {
  const roles = hasRoles(context);
  const pointers = context.spec.entities.flatMap((entity) =>
    entity.fields
      .filter(isUpload)
      .map(
        (field) =>
          `  { table: '${tableOf(entity)}', column: '${field.column}'${roles ? `, list: '${entity.slug}'` : ''} },`,
      ),
  );
  const lines = file(
    roles && "import { hiddenColumns, mayList } from './access.ts';",
    roles && '',
    '/** The columns that hold a stored file. */',
    'export const pointers = [',
    ...pointers,
    '];',
    '',
    '/** Those of them that the person of this request may look into; undefined: all, and files that no row holds yet. */',
    ...(roles
      ? [
          'export const seenPointers = (): typeof pointers | undefined =>',
          '  pointers.filter(({ list, column }) => mayList(list) && !hiddenColumns(list).includes(column));',
        ]
      : ['export const seenPointers = (): typeof pointers | undefined => undefined;']),
  );
  return [['src/lib/server/pointers.ts', lines]];
}
