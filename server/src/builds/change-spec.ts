/**
 * A change of a spec, worked out whole before anything is written: the new spec, the files, the changes of the database, and what could
 * not be merged. Pure: whoever calls it (the gate) writes the result and commits it.
 */
import type { Spec } from '../../../contract/spec.ts';
import type { SpecOperation } from '../../../contract/spec-operations.ts';
import type { ChangeFile } from './changes/change-file.ts';
import { serialiseChange } from './changes/change-file.ts';
import { type PlannedChange, planWithEffects } from './changes/plan.ts';
import { compile } from './compiler/compile.ts';
import { type FileConflict, type Files, mergeGenerated } from './lift.ts';
import { applyOperations } from './spec/apply.ts';

export interface SpecChangeRequest {
  spec: Spec;
  operations: readonly SpecOperation[];
  slug: string;
  /** the app's files as they are */
  tree: Files;
  /** what was generated at the last compile; for a new app the template */
  generatedBase: Files;
  existingChanges: readonly ChangeFile[];
}

export type SpecChange =
  | {
      ok: true;
      spec: Spec;
      /** one sentence per operation */
      summary: string[];
      /** files to write, `spec.json` and the new changes included */
      write: Files;
      /** files to remove */
      remove: string[];
      changes: ChangeFile[];
      /** the same changes, each with what it does to rows */
      planned: PlannedChange[];
      conflicts: FileConflict[];
      /** everything that the new spec generates: the base of the next compile */
      generated: Files;
    }
  | { ok: false; index: number; code: string; message: string };

/** @returns what to write, or why an operation was refused; nothing is half done */
export function planSpecChange(request: SpecChangeRequest): SpecChange {
  const applied = applyOperations(request.spec, request.operations);
  if (!applied.ok) return applied;
  const generated = compile(applied.spec, { slug: request.slug });
  const { files, conflicts } = mergeGenerated({ base: request.generatedBase, ours: request.tree, theirs: generated });
  const planned = planWithEffects(request.spec, applied.spec, request.existingChanges);
  const changes = planned.map(({ change }) => change);
  files.set('spec.json', generated.get('spec.json')!);
  for (const change of changes) files.set(change.path, serialiseChange(change));

  const write: Files = new Map([...files].filter(([path, content]) => request.tree.get(path) !== content));
  const remove = [...request.tree.keys()].filter((path) => !files.has(path));
  return {
    ok: true,
    spec: applied.spec,
    summary: applied.summary,
    write,
    remove,
    changes,
    planned,
    conflicts,
    generated,
  };
}
