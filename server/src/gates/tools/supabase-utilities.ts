/** supabase_utilities: changes of tables as structured operations. They land in the chat's draft and in the branch; what destroys rows asks a person first. */
import { z } from 'zod';
import { type SchemaEffect, schemaOperations } from '../../../../contract/schema-operations.ts';
import { fromHost } from '../host-outcome.ts';
import { defineTool, done } from '../tool.ts';

const inputSchema = z.strictObject({ operations: schemaOperations.describe('One change, made whole or not at all') });
type Input = z.infer<typeof inputSchema>;

interface Told {
  effects: SchemaEffect[];
}

export const supabaseUtilities = defineTool<Input>({
  name: 'supabase_utilities',
  description:
    'Changes tables by structured operations: create, rename and drop tables; add, rename, alter and drop columns; rules, indexes, lists of values, views, remarks; row security with its policies, SQL functions, and what the app itself may do with a table (grant, revoke). describe_table and create_table say what a table is for, for everybody who works on the app. ' +
    'It lands in this chat’s draft and as a change in the branch, and reaches other databases when the chat is merged. The person sees each statement with what it ' +
    'locks and destroys; what destroys rows asks them first, and so does every function, policy and grant. Lists that the spec knows are renamed, altered and dropped by change_spec; columns may be added to them here, ' +
    'but the app’s pages show only what the spec knows.',
  input: inputSchema as z.ZodType<Input>,
  permission: 'schema:write',
  repeatable: false,
  needsApp: true,
  title: ({ operations }) =>
    operations.length === 1 ? nameOf(operations[0]!.op) : `Change tables in ${operations.length} steps`,
  consent: async ({ operations }, { host, chatId, signal }) => {
    const found = await host.previewSchema({ chatId, operations }, signal);
    if (!found.ok) return fromHost(found, () => '');
    const { effects } = found.value as Told;
    const lost = effects.flatMap(({ destroys }) => destroys ?? []);
    const looked = [...new Set(effects.flatMap(({ asks }) => asks ?? []))];
    if (lost.length === 0 && looked.length === 0) return 'nothing';
    return done('Asked', null, {
      turn: {
        ask: {
          question:
            lost.length > 0
              ? 'Make this change, which destroys something?'
              : 'Make this change? It decides who may see and do what.',
          detail:
            lost.length > 0
              ? 'It lands in this chat’s draft first. When the chat is merged, rows in use go too; they are kept for 48 hours.'
              : 'It lands in this chat’s draft first, and holds for the app in use when the chat is merged.',
          statement: effects.map(({ statement }) => `${statement};`).join('\n'),
          facts: [
            ...lost.map((value) => ({ label: 'Lost', value })),
            ...looked.map((value) => ({ label: 'Look at', value })),
            ...[...new Set(effects.map(({ locks }) => locks))].map((value) => ({ label: 'Waiting', value })),
          ],
          options: [{ label: 'Make it' }, { label: 'Leave it' }],
          allowText: true,
          subject: { operations },
        },
      },
    });
  },
  run: async ({ operations }, { host, chatId, turnId, fence, signal, agreedBy }) => {
    const yes = agreedBy ? { agreedBy } : {};
    const outcome = fromHost(
      await host.changeSchema({ chatId, turnId, fence, operations, ...yes }, signal),
      (value) => {
        const { effects } = value as Told;
        const tables = [...new Set(effects.flatMap((effect) => effect.tables))];
        if (effects.length === 0) return 'Described what tables are for';
        return tables.length > 0 ? `Changed ${tables.join(', ')} in this chat’s draft` : 'Changed this chat’s draft';
      },
    );
    const told = outcome.state === 'done' ? (outcome.result as Told) : undefined;
    return { ...outcome, ...(told ? { shown: { effects: told.effects } } : {}) };
  },
});

const nameOf = (op: string): string => `${op.slice(0, 1).toUpperCase()}${op.slice(1).replaceAll('_', ' ')}`;
