/**
 * Structured changes of tables, on the host: worked out against the chat's draft, shown, made in the draft, and written into the branch as changes. What
 * the spec knows is changed by the spec.
 */
import { type SchemaEffect, type SchemaOperation, schemaOperations } from '../../../contract/schema-operations.ts';
import { type Description, describeByAssistant, readRegistry } from '../apps/table-registry.ts';
import { type ChangeFile, makeChange, serialiseChange } from '../builds/changes/change-file.ts';
import { headsOf } from '../builds/changes/order.ts';
import { tableOf } from '../builds/spec/naming.ts';
import { readCatalog } from '../databases/router/catalog.ts';
import { Refusal } from '../databases/router/refusal.ts';
import { readAccess } from '../databases/schema/access.ts';
import { stepsOf } from '../databases/schema/statements.ts';
import type { Step } from '../databases/schema/steps.ts';
import { tryChanges } from '../databases/try-changes.ts';
import { changesIn } from '../shipping/app-changes.ts';
import type { HostOutcome } from './api.ts';
import { isImported } from './imports/imported.ts';
import { bringDraft, readSpecFile, textFiles } from './spec-work.ts';
import type { RecordParts } from './table-changes.ts';
import { beginEdit, changingDraft, keepDraft, saveEdit, type WorkParts } from './turn-work.ts';
import { unwrap, type Workspace } from './workspaces.ts';

interface Planned {
  tree: Map<string, string>;
  changes: ChangeFile[];
  effects: SchemaEffect[];
  /** what is said of tables */
  described: Description[];
}

/** What a batch would do; nothing is changed. */
export async function previewSchema(parts: WorkParts, workspace: Workspace, operations: unknown): Promise<HostOutcome> {
  return answered(async () => {
    const { place } = workspace;
    const { changes, effects } = await plan(parts, workspace, operations);
    const trials = changes.map((change) => ({ change, counts: [] }));
    const { problem } = await tryChanges(parts.cluster, place.draft, trials);
    if (problem) return { ok: false, code: 'change_failed', message: problem };
    return { ok: true, value: { effects, destroys: effects.flatMap(({ destroys }) => destroys ?? []) } };
  });
}

/** Makes a batch in the draft and in the branch, as one. */
export async function changeSchema(
  parts: WorkParts & RecordParts,
  workspace: Workspace,
  turn: { turnId: string; agreedBy?: string | undefined },
  operations: unknown,
): Promise<HostOutcome> {
  return answered(async () => {
    const { turnId } = turn;
    const { place, helper } = workspace;
    const before = await beginEdit(parts, place, turnId);
    const { tree, changes, effects, described } = await plan(parts, workspace, operations);
    const written = Object.fromEntries(changes.map((change) => [change.path, serialiseChange(change)]));
    const next = new Map([...tree, ...Object.entries(written)]);
    await keepDraft(parts, place, turnId);
    await changingDraft(parts, place, turn, changes, () =>
      bringDraft(parts, place, next, async () => {
        unwrap(await helper.writeTree({ write: written, remove: [] }));
        await describeByAssistant(parts.db, { appId: place.appId, chatId: place.id, turnId }, described);
      }),
    );
    const files = await saveEdit(place, before);
    return { ok: true, value: { effects, changes: changes.map(({ id }) => id) }, files };
  });
}

async function plan(parts: WorkParts, { place, helper }: Workspace, raw: unknown): Promise<Planned> {
  const operations = schemaOperations.parse(raw);
  const tree = await textFiles(helper);
  if (!isImported(tree)) refuseSpecTables(operations, readSpecFile(tree, place.appName).entities.map(tableOf));
  const described = descriptionsIn(operations);
  await refuseDescriptions(parts, place, described);
  await bringDraft(parts, place, tree);
  const { database, schema } = place.draft;
  const [catalog, access] = await parts.cluster.readCatalogue(database, (client) =>
    Promise.all([readCatalog(client, [schema]), readAccess(client, schema)]),
  );
  const steps = stepsOf(operations, catalog, access);
  const existing = changesIn(tree);
  let number = existing.length;
  let needs = headsOf(existing);
  const changes = steps.map((step) => {
    const change = asChange(++number, step, needs);
    needs = [change.id];
    return change;
  });
  return { tree, changes, effects: steps.flatMap(({ effects }) => effects), described };
}

const descriptionsIn = (operations: readonly SchemaOperation[]): Description[] =>
  operations.flatMap((operation) =>
    (operation.op === 'describe_table' || operation.op === 'create_table') &&
    (operation.purpose !== undefined || operation.home !== undefined)
      ? [{ table: operation.table, purpose: operation.purpose, home: operation.home }]
      : [],
  );

/** What a person said stays, and a table cannot live where the app has no database. */
async function refuseDescriptions(
  { db }: WorkParts,
  { appId, mode }: Workspace['place'],
  described: readonly Description[],
): Promise<void> {
  if (described.length === 0) return;
  const registry = await readRegistry(db, appId);
  for (const { table, home } of described) {
    if (mode === 'vibe-coded' && home && home !== 'staging')
      throw new Refusal('no_live', 'This app has no live database: its tables live on staging.', 'Leave home out.');
    const person = registry.get(table)?.setBy;
    if (person)
      throw new Refusal(
        'described',
        `${person.name} has described ${table}, and what people say of a table stays.`,
        'Ask a person to change it under Data.',
      );
  }
}

const asChange = (number: number, step: Step, needs: string[]): ChangeFile => {
  const { action, name, tables, statements, destructive, phase, concurrently } = step;
  return makeChange(number, name, {
    action,
    tables,
    statements,
    destructive,
    phase,
    needs,
    tool: 'supabase_utilities',
    ...(concurrently ? { concurrently: true } : {}),
  });
};

const BREAKS: ReadonlySet<SchemaOperation['op']> = new Set([
  'rename_table',
  'drop_table',
  'rename_column',
  'alter_column',
  'drop_column',
]);

/** The app's own code is made from the spec, and would break. */
function refuseSpecTables(operations: readonly SchemaOperation[], tables: string[]): void {
  const own = new Set(tables);
  for (const operation of operations) {
    if ((operation.op === 'grant' || operation.op === 'revoke') && own.has(operation.table))
      throw new Refusal(
        'spec_table',
        `${operation.table} is a list of the app’s spec, whose pages read and write all of it.`,
        'Leave the rights as they are, or keep what is to be guarded in a table of its own.',
      );
    if (BREAKS.has(operation.op) && 'table' in operation && own.has(operation.table))
      throw new Refusal(
        'spec_table',
        `${operation.table} is a list of the app’s spec, and its code would break.`,
        'Use change_spec: it changes list, code and table together.',
      );
  }
}

async function answered(work: () => Promise<HostOutcome>): Promise<HostOutcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return {
      ok: false,
      code: `schema_${error.rule}`,
      message: error.message,
      ...(error.allowed ? { detail: { allowed: error.allowed } } : {}),
    };
  }
}
