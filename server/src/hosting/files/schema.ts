/** What a model may send to the file tools. The descriptions are read by models: they are part of the prompt. */
import { z } from 'zod';
import { FILE_LIMITS } from './limits.ts';

const path = z
  .string()
  .min(1)
  .max(FILE_LIMITS.pathBytes)
  .describe('Relative to the app, such as "src/routes/+page.svelte"');
const content = z.string().max(FILE_LIMITS.fileBytes).describe('The whole file');

export const listSchema = z.strictObject({
  path: z.string().max(FILE_LIMITS.pathBytes).optional().describe('A folder; leave it out for the whole app'),
  depth: z.int().min(1).max(FILE_LIMITS.depth).optional().describe('How many levels down; leave it out for all'),
});

export const readSchema = z.strictObject({
  path,
  fromLine: z.int().min(1).optional().describe('First line, from 1'),
  toLine: z.int().min(1).optional().describe(`Last line; at most ${FILE_LIMITS.readLines} lines are shown`),
});

export const searchSchema = z.strictObject({
  query: z.string().min(1).max(500).describe('Text to find, or a regular expression when `regex` is true'),
  regex: z.boolean().optional(),
  path: z.string().max(FILE_LIMITS.pathBytes).optional().describe('A folder or file to search in'),
  caseSensitive: z.boolean().optional(),
  maxResults: z.int().min(1).max(FILE_LIMITS.searchMatches).optional(),
  context: z.int().min(0).max(5).optional().describe('Lines shown around each match'),
});

export const editSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('create'), path, content }).describe('A new file; its folders are made'),
  z
    .strictObject({
      kind: z.literal('edit'),
      path,
      find: z
        .string()
        .min(1)
        .max(FILE_LIMITS.fileBytes)
        .describe('Exactly as it stands in the file, once only unless `all`'),
      replace: z.string().max(FILE_LIMITS.fileBytes),
      all: z.boolean().optional().describe('Replace every place'),
    })
    .describe('Replace a piece of a file'),
  z.strictObject({ kind: z.literal('replace'), path, content }).describe('Replace a whole file that exists'),
  z.strictObject({ kind: z.literal('move'), from: path, to: path }).describe('Rename or move a file'),
  z.strictObject({ kind: z.literal('delete'), path }),
]);

export const applySchema = z.strictObject({
  edits: z
    .array(editSchema)
    .min(1)
    .max(FILE_LIMITS.editsPerCall)
    .describe('Done in order, all of them or none. Code is checked for syntax before anything is written.'),
});
