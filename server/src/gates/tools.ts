/** Every tool that a model can be offered, by name. */

import type { Tool } from './tool.ts';
import { addDependency } from './tools/add-dependency.ts';
import { addSampleRows } from './tools/add-sample-rows.ts';
import { applyToLive } from './tools/apply-to-live.ts';
import { askPerson } from './tools/ask-person.ts';
import { changeSpec } from './tools/change-spec.ts';
import { createApp } from './tools/create-app.ts';
import { importApp } from './tools/import-app.ts';
import { listFiles } from './tools/list-files.ts';
import { modifyCodeFiles } from './tools/modify-code-files.ts';
import { previewSpec } from './tools/preview-spec.ts';
import { readDiff } from './tools/read-diff.ts';
import { readFile } from './tools/read-file.ts';
import { readHistory } from './tools/read-history.ts';
import { readServerLog } from './tools/read-server-log.ts';
import { readSpec } from './tools/read-spec.ts';
import { readyForReview } from './tools/ready-for-review.ts';
import { runChecks } from './tools/run-checks.ts';
import { searchCode } from './tools/search-code.ts';
import { supabaseRouter } from './tools/supabase-router.ts';
import { supabaseUtilities } from './tools/supabase-utilities.ts';
import { visualCheck } from './tools/visual-check.ts';

/** A fresh map, in the order in which models are shown them. */
export function allTools(): Map<string, Tool> {
  const tools = [
    createApp,
    importApp,
    readSpec,
    previewSpec,
    changeSpec,
    addSampleRows,
    supabaseRouter,
    supabaseUtilities,
    applyToLive,
    listFiles,
    readFile,
    searchCode,
    modifyCodeFiles,
    addDependency,
    runChecks,
    visualCheck,
    readServerLog,
    readDiff,
    readHistory,
    askPerson,
    readyForReview,
  ] as Tool[];
  return new Map(tools.map((tool) => [tool.name, tool]));
}
