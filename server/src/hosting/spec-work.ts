/**
 * Changing a spec inside a chat: plan it whole, try the database changes on the draft, write the files while that transaction is still
 * open, then commit it. A kill in between leaves the files ahead of the draft, which the next `ensureDraft` makes up for.
 */
import { emptySpec, type Spec, specSchema } from '../../../contract/spec.ts';
import { type SpecEffect, type SpecPreview, specOperationsSchema } from '../../../contract/spec-operations.ts';
import { followSpec } from '../apps/create.ts';
import { planSpecChange, type SpecChange } from '../builds/change-spec.ts';
import { MAIN } from '../containers/repository.ts';
import { ensureDraft, refreshDraft } from '../databases/drafts.ts';
import { tryChanges } from '../databases/try-changes.ts';
import { AppError } from '../errors.ts';
import { changesAt, changesIn } from '../shipping/app-changes.ts';
import type { HostOutcome } from './api.ts';
import type { ChatPlace } from './chat-places.ts';
import type { FileHelper } from './files/file-helper.ts';
import { generatedFiles, noteGenerated, readGenerated, storeGenerated } from './generated.ts';
import { isImported } from './imports/imported.ts';
import type { RecordParts } from './table-changes.ts';
import { beginEdit, changingDraft, keepDraft, saveEdit, type WorkParts } from './turn-work.ts';
import { readTree, unwrap, type Workspace } from './workspaces.ts';

/** The app's files that are text, by path. */
export async function textFiles(helper: FileHelper): Promise<Map<string, string>> {
  const tree = await readTree(helper);
  return new Map([...tree].filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** What the text says as JSON; undefined when it says nothing. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function readSpecFile(files: Map<string, string>, name: string): Spec {
  const text = files.get('spec.json');
  if (text === undefined) return emptySpec(name);
  const parsed = specSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw new AppError('spec_broken', 'conflict', 'The app’s spec.json is not a valid spec.');
  return parsed.data;
}

/** Makes the chat's draft if it is not there, and gives it the changes that its tree has. */
export async function bringDraft(
  parts: WorkParts,
  place: ChatPlace,
  files: Map<string, string>,
  beforeCommit?: () => Promise<void>,
) {
  const base = await changesAt(place.git, await baseOf(place), place.appSlug);
  return ensureDraft(parts.cluster, place.draft, base, changesIn(files), beforeCommit);
}

/** Starts the draft again from the app's rows. */
export async function startDraftAgain(parts: WorkParts, { place, helper }: Workspace) {
  const base = await changesAt(place.git, await baseOf(place), place.appSlug);
  return refreshDraft(parts.cluster, place.draft, base, changesIn(await textFiles(helper)));
}

/** Where the chat left main: what its draft starts from. */
async function baseOf(place: ChatPlace): Promise<string | undefined> {
  const main = await place.git.resolve(MAIN);
  return main && (await place.git.text(['merge-base', main, `refs/heads/chat/${place.chat8}`]));
}

/** Works out a change of the spec on the app as it is. */
async function planOn({ place, helper }: Workspace, rawOperations: unknown) {
  const operations = specOperationsSchema.parse(rawOperations);
  const tree = await textFiles(helper);
  if (isImported(tree))
    throw new AppError('imported_app', 'conflict', 'This app was imported: there is no spec to change.', {
      detail: 'Its code is changed by saying what should be different, with a language model.',
    });
  const generatedBase = await generatedFiles(place, (await readGenerated(place))?.tree);
  const plan = planSpecChange({
    spec: readSpecFile(tree, place.appName),
    operations,
    slug: place.appSlug,
    tree,
    generatedBase,
    existingChanges: changesIn(tree),
  });
  return { tree, plan };
}

const refused = (plan: Extract<SpecChange, { ok: false }>): HostOutcome => ({
  ok: false,
  code: plan.code,
  message: plan.message,
  detail: { operation: plan.index },
});

/** What a change of the spec would do, to the rows of the draft too. Nothing is changed. */
export async function previewSpec(parts: WorkParts, workspace: Workspace, operations: unknown): Promise<HostOutcome> {
  const { tree, plan } = await planOn(workspace, operations);
  if (!plan.ok) return refused(plan);
  const { place } = workspace;
  const trials = plan.planned.map(({ change, effects }) => ({ change, counts: effects.map((effect) => effect.sql) }));
  if (trials.length > 0) await bringDraft(parts, place, tree);
  const { counted, problem } =
    trials.length > 0 ? await tryChanges(parts.cluster, place.draft, trials) : { counted: [] };
  const effects = plan.planned.flatMap(({ effects }, at) =>
    effects.map(({ kind, what }, index): SpecEffect => ({ kind, what, rows: counted[at]?.[index] ?? 0 })),
  );
  const told = effects.filter((effect) => effect.rows > 0);
  if (problem && !told.some((effect) => effect.kind === 'clashes'))
    return { ok: false, code: 'change_failed', message: problem };
  const value: SpecPreview = {
    spec: plan.spec,
    summary: plan.summary,
    effects: told,
    statements: plan.changes.flatMap(({ statements }) => statements),
  };
  return { ok: true, value };
}

export async function changeSpec(
  parts: WorkParts & RecordParts,
  workspace: Workspace,
  turnId: string,
  operations: unknown,
): Promise<HostOutcome> {
  const { place, helper } = workspace;
  const before = await beginEdit(parts, place, turnId);
  const { tree, plan } = await planOn(workspace, operations);
  if (!plan.ok) return refused(plan);
  const generated = await storeGenerated(place, plan.generated);
  const next = new Map([...tree, ...plan.write]);
  for (const path of plan.remove) next.delete(path);
  const write = async () => {
    await noteGenerated(place, generated);
    unwrap(await helper.writeTree({ write: Object.fromEntries(plan.write), remove: plan.remove }));
  };
  if (plan.changes.length > 0) {
    await bringDraft(parts, place, tree);
    await keepDraft(parts, place, turnId);
    await changingDraft(parts, place, { turnId }, plan.changes, () => bringDraft(parts, place, next, write));
  } else await write();
  const files = await saveEdit(place, before);
  // others know the app by main's title; before its first merge nobody else knows it
  const known = await place.git.resolve(`${MAIN}:apps/${place.appSlug}`);
  if (!known) await followSpec(parts.db, place.appId, plan.spec);
  const value = {
    summary: plan.summary,
    spec: plan.spec,
    changes: plan.changes.map(({ id, statements }) => ({ id, statements })),
    kept: plan.conflicts.map(({ path, reason }) => ({ path, reason })),
  };
  return { ok: true, value, files };
}
