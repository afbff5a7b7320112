/** Whether an older release works on tables that were changed after it was made, and in plain words why not. */
import type { ChangeFile } from '../builds/changes/change-file.ts';

const MOST_REASONS = 3;

/**
 * @param since the changes that the tables have and the release does not know, in their order
 * @returns what it would stumble over, empty when all of them only add
 */
export function obstacles(since: readonly ChangeFile[]): string[] {
  /** tables that the release has never heard of: what happens to them is nothing to it */
  const unknown = new Set<string>();
  const found: string[] = [];
  for (const change of since) {
    const { action, tables } = change;
    if (action === 'create_table') for (const table of tables) unknown.add(table);
    else if (action === 'rename_table' && unknown.has(tables[0]!)) unknown.add(tables[1]!);
    else if (tables.length > 0 && tables.every((table) => unknown.has(table))) continue;
    else if (!onlyAdds(change)) found.push(wordsFor(change));
  }
  return [...new Set(found)];
}

/** The obstacles as one sentence. */
export function refusal(number: number, found: readonly string[]): string {
  const shown = found.slice(0, MOST_REASONS);
  const more = found.length - shown.length;
  const list = [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ').replace(/, ([^,]*)$/, ' and $1');
  return `Release ${number} cannot work on today’s tables: since then ${list}.`;
}

function onlyAdds(change: ChangeFile): boolean {
  if (change.phase === 'contract' || change.destructive) return false;
  // the spec's planner marks as contract what the release before would not survive; a change of tables by hand is looked at more closely
  return change.tool === undefined || !change.statements.some(tightens);
}

/** Whether a change that is known by its statements alone, made on one database by hand, leaves an older release as it is. */
export const isHarmless = ({ statements, destructive }: { statements: string[]; destructive: boolean }): boolean =>
  !destructive &&
  !statements.some((text) => tightens(text) || /\b(?:rename|drop|set not null|type)\b/i.test(bareOf(text)));

/** A statement without the texts and names in it. */
const bareOf = (statement: string): string =>
  statement.replace(/'(?:[^']|'')*'/g, "''").replace(/"(?:[^"]|"")*"/g, '""');

/** Whether a row that could be saved before may be refused after it. */
function tightens(statement: string): boolean {
  const bare = bareOf(statement);
  if (/\badd constraint\b|\bunique\b|\bdrop default\b/i.test(bare)) return true;
  return /\badd column\b/i.test(bare) && /\bnot null\b/i.test(bare) && !/\bdefault\b/i.test(bare);
}

function wordsFor({ action, tables }: ChangeFile): string {
  const [table = 'the tables', to = ''] = tables;
  switch (action) {
    case 'rename_table':
      return `${table} was renamed to ${to}`;
    case 'drop_table':
      return `${table} was removed`;
    case 'rename_column':
      return `a field of ${table} was renamed`;
    case 'drop_column':
      return `a field of ${table} was removed`;
    case 'add_column':
      return `${table} got a field that must be filled in`;
    case 'alter_column':
      return `a field of ${table} was changed`;
    default:
      return `the rules of ${table} were changed`;
  }
}
