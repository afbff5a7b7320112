/**
 * What tables and columns were called before a set of changes: each statement is followed in order, so that what is dropped under a new name is found
 * under the one that it has now. What the set itself makes holds nothing yet.
 */
import { only, type Tree } from '../databases/router/walk.ts';

/** null: the set has made it */
type Before = string | null;

export interface Column {
  table: Before;
  column: Before;
  /** what the set calls both at that moment, for what it has made */
  called: { table: string; column: string };
  /** the name is a view's of the set, or nothing's any more: what is written under it is in another table */
  elsewhere: boolean;
}

/** What has a name that the set has taken from something: the set's own table, a view, or nothing. */
type Own = 'table' | 'view' | 'nothing';

export class NamesBefore {
  /** what has the name: a table by what it is called now */
  readonly #tables = new Map<string, { now: string } | Own>();
  /** by what the table is called at that moment */
  readonly #columns = new Map<string, Map<string, Before>>();
  /** types that columns got within the set, by what table and column are called at that moment */
  readonly #types = new Map<string, Map<string, string>>();

  table(name: string): Before {
    const has = this.#has(name);
    return typeof has === 'object' ? has.now : null;
  }

  column(table: string, name: string): Column {
    const before = this.#columns.get(table)?.get(name);
    const has = this.#has(table);
    return {
      table: this.table(table),
      column: before === undefined ? name : before,
      called: { table, column: name },
      elsewhere: has === 'view' || has === 'nothing',
    };
  }

  /** Columns that are of another type than before. */
  retyped(): { column: Column; type: string }[] {
    return [...this.#types].flatMap(([table, columns]) =>
      [...columns].map(([name, type]) => ({ column: this.column(table, name), type })),
    );
  }

  /** Takes down what a statement renames, makes, drops and makes another type of. */
  follow(tree: Tree): void {
    const [type, node] = only(tree);
    const table = relationOf(node);
    if (type === 'CreateStmt' && table !== undefined) {
      if (!node.if_not_exists || this.#has(table) === 'nothing') this.#give(table, 'table');
    } else if (type === 'ViewStmt') this.#give(String((node.view as Tree | undefined)?.relname), 'view');
    else if (type === 'RenameStmt' && table !== undefined && !node.missing_ok) this.#rename(node, table);
    else if (type === 'AlterTableStmt' && table !== undefined)
      for (const item of (node.cmds ?? []) as Tree[]) this.#alter(table, only(item)[1]);
    else if (type === 'DropStmt' && RELATIONS.has(String(node.removeType)))
      for (const name of droppedBy(node)) this.#give(name, 'nothing');
  }

  #has(name: string): { now: string } | Own {
    return this.#tables.get(name) ?? { now: name };
  }

  #give(name: string, to: { now: string } | Own): void {
    this.#tables.set(name, to);
    this.#columns.delete(name);
    this.#types.delete(name);
  }

  #rename(node: Tree, table: string): void {
    const to = String(node.newname);
    // PostgreSQL renames a table or a view whichever of the words is used
    if (RELATIONS.has(String(node.renameType))) {
      const [has, columns, types] = [this.#has(table), this.#columns.get(table), this.#types.get(table)];
      this.#give(table, 'nothing');
      this.#give(to, has);
      if (columns) this.#columns.set(to, columns);
      if (types) this.#types.set(to, types);
    } else if (node.renameType === 'OBJECT_COLUMN') {
      const from = String(node.subname);
      const before = this.column(table, from).column;
      of(this.#columns, table).set(from, null).set(to, before);
      const types = this.#types.get(table);
      const type = types?.get(from);
      types?.delete(from);
      if (type !== undefined) types!.set(to, type);
    }
  }

  #alter(table: string, { subtype, name, def, missing_ok }: Tree): void {
    const column = def ? ((def as Tree).ColumnDef as Tree | undefined) : undefined;
    if (subtype === 'AT_AddColumn' && column && !missing_ok) of(this.#columns, table).set(String(column.colname), null);
    else if (subtype === 'AT_DropColumn') {
      of(this.#columns, table).set(String(name), null);
      this.#types.get(table)?.delete(String(name));
    } else if (subtype === 'AT_AlterColumnType' && column)
      of(this.#types, table).set(String(name), typeOf(column.typeName as Tree));
  }
}

const RELATIONS = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_INDEX', 'OBJECT_SEQUENCE']);

/** The table that a statement is about. */
export function relationOf(node: Tree): string | undefined {
  const name = (node.relation as Tree | undefined)?.relname;
  return typeof name === 'string' ? name : undefined;
}

/** Names of tables or types that a DROP names. */
export const droppedBy = ({ objects }: Tree): string[] =>
  ((objects ?? []) as Tree[]).flatMap((item) => {
    const [, node] = only(item);
    return lastName(node.items ?? node.names) ?? [];
  });

const typeOf = (type: Tree): string => lastName(type?.names) ?? '';

/** The last part of a name that may have several. */
export const lastName = (names: unknown): string | undefined =>
  ((names ?? []) as { String?: { sval?: string } }[]).at(-1)?.String?.sval;

function of<V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const found = maps.get(key) ?? new Map<string, V>();
  maps.set(key, found);
  return found;
}
