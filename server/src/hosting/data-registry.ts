/** What tables a chat may ask about, in a few lines: told to models with each turn, so that they need not guess. */
import { type Catalog, readCatalog } from '../databases/router/catalog.ts';
import { type Target, targetOf } from '../databases/router/targets.ts';
import type { ChatRecord } from './chat-places.ts';
import type { SqlParts } from './sql-work.ts';

const LONGEST = 8_000;
const TYPES: Readonly<Record<string, string>> = {
  'character varying': 'varchar',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
};

/** @returns '' for a chat without an app */
export async function describeTables({ cluster }: Pick<SqlParts, 'cluster'>, chat: ChatRecord): Promise<string> {
  const { appSlug, mode } = chat;
  if (!appSlug) return '';
  const read = async (target: Target): Promise<Catalog> =>
    cluster.readCatalogue(target.database, (client) =>
      readCatalog(
        client,
        target.schemas.map(({ name }) => name),
      ),
    );
  const of = (name: 'staging' | 'draft') => read(targetOf({ ...chat, appSlug, mode }, name));
  const [staging, draft] = await Promise.all([of('staging'), of('draft')]);
  const inUse = linesOf(staging);
  const own = linesOf(draft).filter((line) => !inUse.includes(line));
  const parts = [
    inUse.length > 0
      ? `Tables on staging:\n${inUse.join('\n')}`
      : 'There are no tables on staging yet: nothing of this app is merged.',
    own.length > 0 ? `In this chat’s draft these are different or new:\n${own.join('\n')}` : '',
  ];
  const text = parts.filter(Boolean).join('\n');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}\n… and more` : text;
}

const linesOf = ({ tables }: Catalog): string[] =>
  [...tables.values()]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map(({ name, kind, columns, primaryKey }) => {
      const list = columns.map((column) => {
        const type = TYPES[column.type] ?? column.type;
        return `${column.name} ${type}${primaryKey.includes(column.name) ? ' key' : column.notNull ? '' : '?'}`;
      });
      return `- ${name}${kind === 'view' ? ' (view)' : ''}: ${list.join(', ')}`;
    });
