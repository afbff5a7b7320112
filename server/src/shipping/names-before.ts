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
}

export class NamesBefore {
  readonly #tables = new Map<string, Before>();
  /** by what the table is called at that moment */
  readonly #columns = new Map<string, Map<string, Before>>();
  /** types that columns got within the set, by what table and column are called at that moment */
  readonly #types = new Map<string, Map<string, string>>();

  table(name: string): Before {
    const before = this.#tables.get(name);
    return before === undefined ? name : before;
  }

  column(table: string, name: string): Column {
    const before = this.#columns.get(table)?.get(name);
    return {
      table: this.table(table),
      column: before === undefined ? name : before,
      called: { table, column: name },
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
    if (type === 'CreateStmt' && table !== undefined && !node.if_not_exists) this.#made(table);
    else if (type === 'RenameStmt' && table !== undefined && !node.missing_ok) this.#rename(node, table);
    else if (type === 'AlterTableStmt' && table !== undefined)
      for (const item of (node.cmds ?? []) as Tree[]) this.#alter(table, only(item)[1]);
    else if (type === 'DropStmt' && node.removeType === 'OBJECT_TABLE')
      for (const name of droppedBy(node)) this.#made(name);
  }

  /** Whatever has this name from now on is of the set. */
  #made(table: string): void {
    this.#tables.set(table, null);
    this.#columns.delete(table);
    this.#types.delete(table);
  }

  #rename(node: Tree, table: string): void {
    const to = String(node.newname);
    if (node.renameType === 'OBJECT_TABLE') {
      const [before, columns, types] = [this.table(table), this.#columns.get(table), this.#types.get(table)];
      this.#made(table);
      this.#made(to);
      this.#tables.set(to, before);
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
