/** Files of changes that somebody else has written: what no change may be made of, each with a harmless twin that is let through. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../errors.ts';
import { refuseForeignChanges } from './gate.ts';

const wordsOf = (statement: string): string | undefined => {
  try {
    refuseForeignChanges([{ id: '1', statements: [statement], destructive: true }]);
    return undefined;
  } catch (error) {
    if (error instanceof AppError && error.code === 'change_refused') return error.message;
    throw error;
  }
};

const FUNCTION = (parts: { options?: string; body?: string; name?: string }): string =>
  `create function ${parts.name ?? 'f'}(x int) returns int language sql stable ${parts.options ?? 'security invoker set search_path from current'}\n${parts.body ?? 'begin atomic select x + 1; end'}`;

describe('a change', () => {
  it.each<[what: string, attack: string, twin: string]>([
    ['two statements', 'create table a (id int); drop table b', 'create table a (id int)'],
    ['code', 'do $$ begin execute 1; end $$', 'update a set id = 1'],
    ['a program of the server', "copy a to program 'sh'", 'delete from a'],
    ['a file of the server', "copy a from '/etc/passwd'", 'insert into a (id) values (1)'],
    ['a role', 'create role evil superuser', 'create table role (id int)'],
    ['a password', "alter role postgres password 'x'", 'alter table role add column password text'],
    ['being somebody else', 'set role postgres', 'update role set id = 1'],
    ['a setting', "select set_config('role', 'x', false)", 'update a set id = 2'],
    ['a setting of the server', 'alter system set fsync = off', 'alter table a alter column id set default 1'],
    ['an extension', 'create extension dblink', 'create index i on a using btree (id)'],
    ['another server', 'create server s foreign data wrapper w', 'create table s (w text)'],
    ['a subscription', "create subscription s connection 'host=x' publication p", 'create table subscription (id int)'],
    ['a publication', 'create publication p for all tables', 'create table publication (id int)'],
    ['another schema', 'create schema other', 'create table other (id int)'],
    ['a table of another app', 'create table other.a (id int)', 'create table a (id int)'],
    ['altering another app', 'alter table other.a drop column b', 'alter table a drop column b'],
    ['dropping what another app has', 'drop table other.a', 'drop table a'],
    ['dropping a schema', 'drop schema shop cascade', 'drop table shop cascade'],
    ['writing to another app', 'update other.a set id = 1', 'update a set id = 1'],
    ['reading another app into a table', 'insert into a select * from other.b', 'insert into a select * from b'],
    [
      'a foreign key to another app',
      'alter table a add constraint f foreign key (b) references other.c (id)',
      'alter table a add constraint f foreign key (b) references c (id)',
    ],
    ['the catalogue', 'insert into a select rolpassword from pg_authid', 'insert into a select name from authors'],
    ['renaming the catalogue', 'alter table pg_catalog.pg_class rename to x', 'alter table class rename to x'],
    ['a table from a query', 'create table a as select * from b', 'create table a (id int)'],
    ['inheriting', 'create table a (id int) inherits (b)', 'create table a (id int, b int)'],
    ['a temporary table', 'create temp table a (id int)', 'create table temp_a (id int)'],
    ['an unlogged table', 'create unlogged table a (id int)', 'create table unlogged (id int)'],
    ['a place in the file system', "create tablespace t location '/tmp'", 'create table t (location text)'],
    ['another owner', 'alter table a owner to postgres', 'alter table a add column owner text'],
    [
      'an owner’s rights in a view',
      'create view v as select * from a',
      'create view v with (security_invoker = true) as select * from a',
    ],
    [
      'an owner’s rights in a view, said otherwise',
      'create view v with (security_invoker = false) as select * from a',
      'create view v with (security_invoker = true) as select id from a',
    ],
    [
      'an owner’s rights in a function',
      FUNCTION({ options: 'security definer set search_path from current' }),
      FUNCTION({}),
    ],
    [
      'a function in another language',
      "create function f() returns int language plpgsql as 'begin return 1; end'",
      FUNCTION({}),
    ],
    [
      'a function whose body is a text',
      "create function f(x int) returns int language sql stable security invoker set search_path from current as 'select 1'",
      FUNCTION({}),
    ],
    [
      'a function that reads a file',
      FUNCTION({ body: "begin atomic select length(pg_read_file('/etc/passwd')); end" }),
      FUNCTION({ body: "begin atomic select length('/etc/passwd'); end" }),
    ],
    ['a function of another schema', FUNCTION({ name: 'pg_catalog.lower' }), FUNCTION({ name: 'lower_it' })],
    [
      'a function with another search path',
      FUNCTION({ options: 'security invoker set search_path = evil' }),
      FUNCTION({}),
    ],
    ['a function with a setting', FUNCTION({ options: "security invoker set role = 'postgres'" }), FUNCTION({})],
    ['a procedure', 'create procedure p() language sql begin atomic delete from a; end', 'delete from a'],
    [
      'a trigger',
      'create trigger t before insert on a for each row execute function f()',
      'create index t on a using btree (id)',
    ],
    [
      'an event trigger',
      'create event trigger t on ddl_command_start execute function f()',
      'create table event (id int)',
    ],
    [
      'a rule',
      'create rule r as on insert to a do instead nothing',
      'create policy r on a for insert with check (true)',
    ],
    ['a cast', 'create cast (text as int) with inout', 'alter table a alter column b type int using b::int'],
    [
      'an operator',
      'create operator === (leftarg = int, rightarg = int, function = f)',
      'alter table a add constraint k check (b = c)',
    ],
    ['a domain', 'create domain d as int', "create type d as enum ('a')"],
    ['a type of another schema', "create type other.d as enum ('a')", "create type d as enum ('a')"],
    ['a type that names catalogue entries', 'create table a (id regclass)', 'create table a (id text)'],
    [
      'a large object',
      "alter table a alter column b set default lo_import('/etc/passwd')",
      "alter table a alter column b set default length('/etc/passwd')",
    ],
    [
      'a file as a default',
      "alter table a add column b text default pg_read_file('/etc/passwd')",
      "alter table a add column b text default 'x'",
    ],
    [
      'waiting in a check',
      'alter table a add constraint k check (pg_sleep(9)::text is null)',
      'alter table a add constraint k check (b is null)',
    ],
    [
      'SQL in a string in an index',
      "create index i on a using btree (query_to_xml('select 1', true, true, ''))",
      'create index i on a using btree (query)',
    ],
    [
      'a generated column',
      'create table a (id int, b int generated always as (f(id)) stored)',
      'create table a (id int, b int default 1)',
    ],
    ['rights for everybody', 'grant select on table a to public', 'grant select on table a to "the app"'],
    ['rights for another role', 'grant all on table a to postgres', 'grant insert on table a to "the app"'],
    [
      'rights that can be passed on',
      'grant select on table a to "the app" with grant option',
      'grant select on table a to "the app"',
    ],
    ['rights on a schema', 'grant create on schema shop to "the app"', 'grant update on table shop to "the app"'],
    [
      'rights on all tables',
      'grant select on all tables in schema shop to "the app"',
      'grant select on table shop to "the app"',
    ],
    [
      'a view’s option of another kind',
      'create view v with (toast.security_invoker = true) as select * from a',
      'create view v with (security_invoker = true) as select b from a',
    ],
    [
      'a function called with a dot',
      "update a set b = ('select 1'::text).query_to_xml::text",
      "update a set b = ('select 1'::text)::text",
    ],
    [
      'a function called by a name in FROM',
      "insert into a select q.ts_stat from unnest(array['select 1']) q",
      "insert into a select q.q from unnest(array['select 1']) q",
    ],
    [
      'a function that is called for an argument',
      FUNCTION({ body: 'begin atomic select x.pg_advisory_lock; end' }),
      FUNCTION({ body: 'begin atomic select x.float8; end' }),
    ],
    [
      'a function that is called as the server’s own',
      FUNCTION({ name: 'set_config' }),
      FUNCTION({ name: 'set_configuration' }),
    ],
    ['the same behind a remark', `/**/${FUNCTION({ name: 'nextval' })}`, `/**/${FUNCTION({ name: 'next_value' })}`],
    [
      'a catalogue’s rights',
      'grant select on table pg_authid to "the app"',
      'grant select on table authid to "the app"',
    ],
    ['a catalogue that goes', 'drop table pg_proc', 'drop table proc'],
    ['hiding a table', 'alter table a rename to _vibe_a', 'alter table a rename to vibe_a'],
    ['every right', 'grant all on table a to "the app"', 'grant select, insert on table a to "the app"'],
    ['forgetting what was done', 'drop table _vibe_changes', 'drop table vibe_changes'],
    [
      'forgetting one thing that was done',
      "delete from _vibe_changes where id = '1'",
      "delete from changes where id = '1'",
    ],
    [
      'another form of what was done',
      'alter table _vibe_changes drop column fingerprint',
      'alter table changes drop column fingerprint',
    ],
    ['a role as a right', 'grant postgres to "the app"', 'revoke all on table a from "the app"'],
    [
      'rights to come',
      'alter default privileges grant all on tables to public',
      'revoke all on function f from public',
    ],
    ['a policy for one role', 'create policy p on a to postgres using (true)', 'create policy p on a using (true)'],
    [
      'a policy by a setting',
      "create policy p on a using (current_setting('x') = b)",
      'create policy p on a using (current_user = b)',
    ],
    [
      'forcing row security off',
      'alter table a no force row level security',
      'alter table a disable row level security',
    ],
    ['switching triggers off', 'alter table a disable trigger all', 'alter table a enable row level security'],
    ['a replica identity', 'alter table a replica identity nothing', 'alter table a add column identity text'],
    ['storage', 'alter table a set (autovacuum_enabled = off)', 'alter table a alter column b set not null'],
    ['partitions', 'create table a (id int) partition by range (id)', 'create table a (id int, range int)'],
    ['attaching', 'alter table a attach partition b default', 'alter table a add column partition int'],
    ['a moment of its own', 'commit', 'update a set id = 3'],
    ['a lock', 'lock table a', 'update a set lock = 1'],
    ['telling others', 'notify x', 'update notify set x = 1'],
    ['emptying', 'truncate a', 'delete from a'],
    ['a remark on somebody else’s', "comment on table other.a is 'x'", "comment on table a is 'x'"],
    ['a remark on a role', "comment on role postgres is 'x'", "comment on column a.role is 'x'"],
    ['a name in other letters', 'drop table "other"."a"', 'drop table "other.a"'],
    [
      'a write inside',
      'with x as (delete from a returning *) insert into b select * from x',
      'with x as (select * from a) insert into b select * from x',
    ],
    ['a dollar quote', 'comment on table a is $x$b$x$; drop table a', 'comment on table a is $x$b; drop table a$x$'],
  ])('is refused for %s, and its harmless twin is not', (_, attack, twin) => {
    expect(wordsOf(twin)).toBeUndefined();
    expect(wordsOf(attack)).toMatch(/is not one that Vibe writes/);
  });

  it('says so when it destroys something', () => {
    const read = (statement: string, destructive: boolean) => () =>
      refuseForeignChanges([{ id: '1', statements: [statement], destructive }]);
    for (const statement of [
      'drop table a',
      'alter table a drop column b',
      'delete from a',
      'alter table a add column c int, drop column b',
      // the columns that are of it go along
      'drop type mood cascade',
    ]) {
      expect(read(statement, false), statement).toThrow(/destroys something and does not say so/);
      expect(read(statement, true), statement).not.toThrow();
    }
    for (const statement of ['drop view a', 'drop view a cascade', 'drop type mood', 'drop function f cascade'])
      expect(read(statement, false), statement).not.toThrow();
  });

  it('may make a function that gives nothing', () => {
    const statement =
      'create function f() returns void language sql volatile security invoker set search_path from current begin atomic delete from a; end';
    refuseForeignChanges([{ id: '1', statements: [statement], destructive: true }]);
  });

  it('may use what another change of the app makes, and nothing that none makes', () => {
    const uses = {
      id: '2',
      destructive: false,
      statements: ['create view v with (security_invoker = true) as select mine(id) from a'],
    };
    const typed = { id: '3', destructive: false, statements: ['create table moods (id int, m mood)'] };
    const makes = [
      { id: '0', destructive: false, statements: ["create type mood as enum ('a')"] },
      { id: '1', destructive: false, statements: [FUNCTION({ name: 'mine' })] },
    ];
    refuseForeignChanges([...makes, uses, typed]);
    for (const alone of [uses, typed]) {
      expect(() => refuseForeignChanges([alone])).toThrow(AppError);
      expect(() => refuseForeignChanges([alone])).toThrow(/neither let through nor made/);
    }
  });
});
