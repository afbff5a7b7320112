/** src/lib/server/pointers.ts: every column that holds a stored file, so that what nobody holds can be forgotten. */
import type { Spec } from '../../../../../contract/spec.ts';
import { isUpload } from '../../spec/kinds.ts';
import { tableOf } from '../../spec/naming.ts';
import { file } from '../text.ts';

export const uploadFiles = (spec: Spec): [string, string][] => [
  [
    'src/lib/server/pointers.ts',
    file(
      '/** The columns that hold a stored file. */',
      'export const pointers = [',
      ...spec.entities.flatMap((entity) =>
        entity.fields.filter(isUpload).map((field) => `  { table: '${tableOf(entity)}', column: '${field.column}' },`),
      ),
      '];',
    ),
  ],
];
