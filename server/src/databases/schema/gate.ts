/**
 * What a change of tables may be made of, whoever wrote it: the statements that the two writers of changes write, and nothing else. A change comes as a
 * file in a branch, and a branch can be written by other roads than ours. Read from the parse tree; whatever is not named here is refused, so
 * what a later version of the grammar adds is refused until somebody has thought about it.
 */
import { AppError } from '../../errors.ts';
import { Refusal } from '../router/refusal.ts';
import { isServers } from '../router/server-names.ts';
import { parseOne, readTree } from '../router/statement.ts';
import { type Leave, only, type Tree } from '../router/walk.ts';

/** What a change uses that PostgreSQL does not have by itself: another change of the app must make it. */
interface Used {
  functions: Set<string>;
  types: Set<string>;
}

interface Looked {
  /** rows or what columns hold goes with it */
  destroys: boolean;
  uses: Used;
  makes: Used;
}

type Part =
  | 'plain'
  | 'names'
  | 'relation'
  | 'type'
  | 'expression'
  | 'query'
  | 'parts'
  | 'unqualified'
  | ReadonlySet<unknown>;
type Form = Readonly<Record<string, Part>>;

const one = (...values: unknown[]): ReadonlySet<unknown> => new Set(values);

const SUBTYPES = [
  ...['AddColumn', 'ColumnDefault', 'DropNotNull', 'SetNotNull', 'DropColumn', 'AddConstraint', 'ValidateConstraint'],
  ...['DropConstraint', 'AlterColumnType', 'EnableRowSecurity', 'DisableRowSecurity'],
];

/** Parts of a node by its type. Left out on purpose: inheritance, partitions, storage, tablespaces, triggers, owners, generated and identity columns. */
const FORMS: Readonly<Record<string, Form>> = {
  CreateStmt: { relation: 'relation', tableElts: 'parts', oncommit: one('ONCOMMIT_NOOP') },
  ColumnDef: {
    colname: 'plain',
    typeName: 'type',
    is_local: one(true),
    constraints: 'parts',
    raw_default: 'expression',
  },
  Constraint: {
    ...{
      contype: one(...['PRIMARY', 'DEFAULT', 'CHECK', 'NOTNULL', 'UNIQUE', 'FOREIGN'].map((kind) => `CONSTR_${kind}`)),
    },
    ...{ conname: 'plain', raw_expr: 'expression', keys: 'names', indexname: 'plain', pktable: 'relation' },
    ...{
      fk_attrs: 'names',
      pk_attrs: 'names',
      fk_matchtype: one('s'),
      fk_upd_action: one('a'),
      fk_del_action: 'plain',
    },
    ...{ deferrable: one(true), is_enforced: one(true), initially_valid: one(true), skip_validation: one(true) },
  },
  AlterTableStmt: { relation: 'relation', cmds: 'parts', objtype: one('OBJECT_TABLE') },
  AlterTableCmd: {
    subtype: one(...SUBTYPES.map((kind) => `AT_${kind}`)),
    name: 'plain',
    def: 'parts',
    behavior: 'plain',
  },
  RenameStmt: {
    renameType: one('OBJECT_TABLE', 'OBJECT_COLUMN', 'OBJECT_TABCONSTRAINT', 'OBJECT_INDEX'),
    relationType: 'plain',
    relation: 'relation',
    subname: 'plain',
    newname: 'plain',
    behavior: 'plain',
  },
  DropStmt: {
    objects: 'unqualified',
    removeType: one(...['TABLE', 'VIEW', 'TYPE', 'FUNCTION', 'POLICY', 'INDEX'].map((kind) => `OBJECT_${kind}`)),
    behavior: 'plain',
    missing_ok: 'plain',
    concurrent: 'plain',
  },
  IndexStmt: {
    ...{ idxname: 'plain', relation: 'relation', accessMethod: one('btree', 'hash', 'gin', 'gist', 'brin', 'spgist') },
    ...{ indexParams: 'parts', whereClause: 'expression', unique: 'plain', concurrent: 'plain' },
  },
  IndexElem: { name: 'plain', ordering: 'plain', nulls_ordering: 'plain' },
  CreateEnumStmt: { typeName: 'names', vals: 'names' },
  AlterEnumStmt: { typeName: 'names', newVal: 'plain', newValIsAfter: 'plain', skipIfNewValExists: 'plain' },
  ViewStmt: { view: 'relation', query: 'query', options: 'parts', withCheckOption: one('NO_CHECK_OPTION') },
  CreatePolicyStmt: {
    ...{ policy_name: 'plain', table: 'relation', cmd_name: 'plain', permissive: one(true), roles: 'parts' },
    ...{ qual: 'expression', with_check: 'expression' },
  },
  CreateFunctionStmt: {
    ...{
      replace: 'plain',
      funcname: 'names',
      parameters: 'parts',
      returnType: 'type',
      options: 'parts',
      sql_body: 'parts',
    },
  },
  FunctionParameter: { name: 'plain', argType: 'type', mode: one('FUNC_PARAM_DEFAULT', 'FUNC_PARAM_TABLE') },
  CommentStmt: {
    objtype: one('OBJECT_TABLE', 'OBJECT_COLUMN', 'OBJECT_FUNCTION', 'OBJECT_VIEW', 'OBJECT_TYPE'),
    object: 'unqualified',
    comment: 'plain',
  },
  GrantStmt: {
    ...{ is_grant: 'plain', targtype: one('ACL_TARGET_OBJECT'), objtype: one('OBJECT_TABLE', 'OBJECT_FUNCTION') },
    ...{ objects: 'unqualified', privileges: 'parts', grantees: 'parts', behavior: 'plain' },
  },
  AccessPriv: { priv_name: one('select', 'insert', 'update', 'delete', 'execute'), cols: 'names' },
  RoleSpec: { roletype: one('ROLESPEC_PUBLIC', 'ROLESPEC_CSTRING'), rolename: one('the app'), location: 'plain' },
};

/** Options by what they belong to: their names, with the values that they may have. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, ReadonlySet<string>>>>> = {
  ViewStmt: { security_invoker: new Set(['{"String":{"sval":"true"}}']) },
  CreateFunctionStmt: {
    language: new Set(['{"String":{"sval":"sql"}}']),
    volatility: new Set(['{"String":{"sval":"stable"}}', '{"String":{"sval":"volatile"}}']),
    security: new Set(['{"Boolean":{"boolval":false}}', '{"Boolean":{}}']),
    set: new Set(['{"VariableSetStmt":{"kind":"VAR_SET_CURRENT","name":"search_path"}}']),
  },
};

const DATA = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt']);
/** Conversions ask whether a text can be read as another type. */
const LEAVE: Leave = { who: true, also: new Set(['pg_input_is_valid']) };
const LOCATED = new Set(['location', 'stmt_len', 'stmt_location']);
const ALLOWED = 'Tables are changed with the spec and with supabase_utilities.';

/**
 * @returns what it uses and makes that is the app's own
 * @throws Refusal which says what is not let through
 */
function lookAtChange(statements: readonly string[]): Looked {
  const looked: Looked = {
    destroys: false,
    uses: { functions: new Set(), types: new Set() },
    makes: { functions: new Set(), types: new Set() },
  };
  for (const statement of statements) {
    if (statement.includes('\0')) throw new Refusal('nul', 'The statement contains a NUL byte.');
    const { tree } = parseOne(statement, ALLOWED);
    const [type, node] = only(tree);
    if (type === 'DeleteStmt' || takesColumns(node) || DROPS.test(JSON.stringify(tree))) looked.destroys = true;
    if (DATA.has(type)) take(looked, tree);
    else if (FORMS[type] && TOP.test(type)) new Look(looked, type, node).form(type, node);
    else throw new Refusal('change_kind', `${type.replace(/Stmt$/, '')} is no part of a change.`, ALLOWED);
  }
  return looked;
}

const TOP = /Stmt$/;
const DROPS = /"removeType":"OBJECT_TABLE"|"subtype":"AT_DropColumn"/;
/** A list of values takes the columns that are of it along. */
const takesColumns = ({ removeType, behavior }: Tree): boolean =>
  removeType === 'OBJECT_TYPE' && behavior === 'DROP_CASCADE';

/** What SELECTs and writes touch must be of this schema; their functions and types are the app's or plain ones. */
function take({ uses }: Looked, tree: Tree, values: string[] = []): void {
  const { touched, functions, types } = readTree(tree, { ...LEAVE, values });
  const qualified = [...touched.map(({ schema, table }) => ({ schema, name: table })), ...functions, ...types].find(
    ({ schema }) => schema !== undefined,
  );
  const ours = touched.find(({ table }) => isOurs(table));
  if (ours) throw refusedOurs(ours.table);
  if (qualified)
    throw new Refusal('qualified', `${qualified.schema}.${qualified.name} is named with its schema.`, 'Leave it out.');
  for (const { name } of functions) uses.functions.add(name);
  for (const { name } of types) uses.types.add(name);
}

class Look {
  readonly #looked: Looked;
  readonly #root: string;

  /** a column and a policy are named after their table */
  readonly #most: number;
  /** a function's arguments */
  readonly #values: string[];

  constructor(looked: Looked, root: string, { objtype, removeType, parameters }: Tree) {
    this.#looked = looked;
    this.#root = root;
    this.#values = ((parameters ?? []) as { FunctionParameter?: { name?: string } }[]).flatMap(
      ({ FunctionParameter }) => FunctionParameter?.name ?? [],
    );
    this.#most = ['OBJECT_COLUMN', 'OBJECT_POLICY'].includes(String(objtype ?? removeType)) ? 2 : 1;
  }

  form(type: string, node: Tree): void {
    const form = FORMS[type];
    if (!form) throw this.#refused(type);
    for (const [key, value] of Object.entries(node)) {
      if (LOCATED.has(key)) continue;
      const part = form[key];
      if (part === undefined) throw this.#refused(`${key} of ${type}`);
      this.#part(part, key, value);
    }
    this.#whole(type, node);
  }

  #part(part: Part, key: string, value: unknown): void {
    if (typeof part === 'object') {
      if (!part.has(value)) throw this.#refused(`${key} ${String(value)}`);
    } else if (part === 'plain') {
      if (typeof value === 'object') throw this.#refused(key);
    } else if (part === 'names') namesOf(value, key);
    else if (part === 'unqualified') this.#objects(value);
    else if (part === 'relation') this.#relation(value as Tree);
    else if (part === 'type') this.#type(value as Tree, key);
    else if (part === 'expression') take(this.#looked, asSelect(value as Tree));
    else if (part === 'query') take(this.#looked, value as Tree);
    else this.#parts(key, value);
  }

  #parts(key: string, value: unknown): void {
    for (const item of (Array.isArray(value) ? value : [value]) as Tree[]) {
      const [type, node] = only(item);
      if (type === 'DefElem') this.#option(node);
      else if (key === 'sql_body') this.#body(item);
      else if (FORMS[type]) this.form(type, node);
      else if (key === 'def') take(this.#looked, asSelect(item));
      else throw this.#refused(type);
    }
  }

  #option(node: Tree): void {
    const {
      defname,
      arg,
      defaction,
      location: _,
      ...more
    } = node as { defname: string; arg?: unknown; defaction?: string; location?: number };
    if (Object.keys(more).length > 0 || defaction !== 'DEFELEM_UNSPEC') throw this.#refused(`the option ${defname}`);
    const value = JSON.stringify(arg, (key, inner) => (LOCATED.has(key) ? undefined : inner));
    if (!OPTIONS[this.#root]?.[defname]?.has(value)) throw this.#refused(`the option ${defname}`);
  }

  /** `begin atomic … end`: each of its statements for itself. */
  #body(tree: Tree): void {
    const [type, node] = only(tree);
    if (type !== 'List') return take(this.#looked, tree, this.#values);
    for (const item of (node.items ?? []) as Tree[]) this.#body(item);
  }

  #relation(node: Tree): void {
    const { schemaname, catalogname, relpersistence, alias, relname } = node;
    if (schemaname !== undefined || catalogname !== undefined || alias !== undefined || relpersistence !== 'p')
      throw new Refusal('qualified', `${String(relname)} is named with its schema, or is not a plain table.`, ALLOWED);
    if (isOurs(String(relname))) throw refusedOurs(String(relname));
  }

  #type(node: Tree, key: string): void {
    const { setof: _, ...plain } = node;
    // what a function gives that gives nothing
    if (key === 'returnType' && JSON.stringify(plain.names) === '[{"String":{"sval":"void"}}]') return;
    take(this.#looked, asSelect({ TypeCast: { arg: { A_Const: { isnull: true } }, typeName: plain } }));
  }

  /** Names of what is dropped, remarked on or given: of this schema. */
  #objects(value: unknown): void {
    for (const item of (Array.isArray(value) ? value : [value]) as Tree[]) {
      const [type, node] = only(item);
      if (type === 'RangeVar') this.#relation(node);
      else if (type === 'List') {
        const names = namesOf(node.items, 'objects');
        if (names.length > this.#most) throw this.#refused('a name with its schema');
        if (isOurs(names[0]!)) throw refusedOurs(names[0]!);
      } else if (type === 'TypeName' || type === 'ObjectWithArgs') {
        const names = namesOf(node.names ?? node.objname, 'objects');
        if (names.length !== 1) throw this.#refused('a name with its schema');
        if (isOurs(names[0]!)) throw refusedOurs(names[0]!);
      } else throw this.#refused(type);
    }
  }

  /** What is only right together. */
  #whole(type: string, node: Tree): void {
    if (type === 'CreateEnumStmt' || type === 'AlterEnumStmt') {
      const names = namesOf(node.typeName, 'typeName');
      if (names.length !== 1) throw this.#refused('a name with its schema');
      if (type === 'CreateEnumStmt') this.#looked.makes.types.add(names[0]!);
    }
    if (type === 'RenameStmt' && isOurs(String(node.newname))) throw refusedOurs(String(node.newname));
    if (type === 'ViewStmt' && !node.options) throw this.#refused('a view that reads as its owner');
    if (type === 'CreateFunctionStmt') {
      const names = namesOf(node.funcname, 'funcname');
      if (names.length !== 1 || !node.sql_body || ((node.options ?? []) as unknown[]).length !== 4)
        throw this.#refused('a function of this form');
      // the server looks for its own first
      if (isServers(names[0]!)) throw this.#refused(`a function called ${names[0]}, as PostgreSQL has one,`);
      this.#looked.makes.functions.add(names[0]!);
    }
    if (type === 'GrantStmt') {
      const everybody = JSON.stringify(node.grantees).includes('ROLESPEC_PUBLIC');
      if (everybody && node.is_grant) throw this.#refused('giving rights to everybody');
      if (node.is_grant && !node.privileges) throw this.#refused('giving every right');
    }
    if (type === 'CreatePolicyStmt' && !JSON.stringify(node.roles).includes('ROLESPEC_PUBLIC'))
      throw this.#refused('a policy for some');
  }

  #refused(what: string): Refusal {
    return new Refusal('change_part', `${what} is no part of a change.`, ALLOWED);
  }
}

/** The server's catalogue, and where a schema keeps which changes were made. */
const isOurs = (name: string): boolean => /^(?:pg_|_vibe_)/.test(name);
const refusedOurs = (name: string): Refusal =>
  new Refusal('change_part', `${name} is not the app’s and no part of a change.`, ALLOWED);

const asSelect = (expression: Tree): Tree => ({
  SelectStmt: {
    targetList: [{ ResTarget: { val: expression } }],
    limitOption: 'LIMIT_OPTION_DEFAULT',
    op: 'SETOP_NONE',
  },
});

function namesOf(value: unknown, key: string): string[] {
  return (Array.isArray(value) ? value : [value]).map((item) => {
    const name = (item as { String?: { sval?: string } }).String;
    if (!name) throw new Refusal('change_part', `${key} is no part of a change.`, ALLOWED);
    return name.sval ?? '';
  });
}

const MOST_KEPT = 5000;
const kept = new Map<string, Looked>();

/** The same, once for each text. */
function looked(statements: readonly string[]): Looked {
  const key = JSON.stringify(statements);
  let found = kept.get(key);
  if (!found) {
    found = lookAtChange(statements);
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
    kept.set(key, found);
  }
  return found;
}

/**
 * All changes of an app together.
 * @throws AppError `change_refused`: one of them is not what the writers of changes write
 */
export function refuseForeignChanges(
  changes: readonly { id: string; statements: readonly string[]; destructive: boolean }[],
): void {
  const makes: Used = { functions: new Set(), types: new Set() };
  const all = changes.map(({ id, statements, destructive }) => {
    try {
      const found = looked(statements);
      if (found.destroys && !destructive) throw refused(id, 'It destroys something and does not say so.');
      for (const name of found.makes.functions) makes.functions.add(name);
      for (const name of found.makes.types) makes.types.add(name);
      return { id, uses: found.uses };
    } catch (error) {
      if (error instanceof Refusal) throw refused(id, error.message);
      throw error;
    }
  });
  for (const { id, uses } of all)
    for (const kind of ['functions', 'types'] as const)
      for (const name of uses[kind])
        if (!makes[kind].has(name))
          throw refused(id, `It uses ${name}, which is neither let through nor made by a change of the app.`);
}

const refused = (id: string, words: string): AppError =>
  new AppError('change_refused', 'invalid', `The change ${id} is not one that Vibe writes. ${words}`, {
    detail: 'Take the file out of the branch, and ask for the change in a chat.',
  });
