-- What changes tables and rows of a container and stood nowhere is written down beside what people set, and every source of the one list of it can be
-- paged by time.

alter table data_acts
  -- null: nobody is known, or Vibe did it by itself
  alter column by_user drop not null,
  add column agent text,
  add column agreed_by uuid references users (id),
  add column chat_id uuid references chats (id),
  add column turn_id uuid references turns (id),
  -- the release that changed tables
  add column release_id uuid references releases (id),
  -- the tables that it is about
  add column tables text[] not null default '{}',
  add column rows bigint,
  -- what of them, in words
  add column note text check (length(note) <= 2000),
  -- what ran, sealed with the organisation's key as statements are
  add column sealed bytea,
  -- there before tables are changed and closed once, with what came of it
  add column state text not null default 'done' check (state in ('open', 'done', 'partly', 'failed', 'unknown')),
  add column ended_at timestamptz;

-- objects of a difference that were written down as somebody's outside of Vibe
alter table reminders add column noted text[] not null default '{}';
update reminders set noted = objects where kind = 'drift';

alter table data_acts drop constraint data_acts_act_check;
alter table data_acts add constraint data_acts_act_check check (act in (
  'rule', 'freeze', 'lift', 'describe', 'bring_back', 'remove_back', 'outside', 'inside', 'give_up', 'left', 'cleared',
  'release', 'apply', 'to_live', 'draft', 'samples', 'undo', 'redo', 'draft_again', 'drift', 'mirror', 'kept_over', 'fill_site', 'masks', 'dismiss', 'reopen',
  'give_live', 'came_live', 'came_home', 'app_removed'));

update data_acts set tables = array[table_name] where act in ('rule', 'describe') and table_name is not null;
update data_acts set tables = array[split_part(split_part(table_name, ' (', 1), '.', 1)] where act in ('bring_back', 'remove_back');

-- of what was noticed and dismissed before, what is still known
insert into data_acts (container_id, by_user, at, act, app_id, tables)
  select a.container_id, null, r.since, 'drift', r.app_id, r.tables
  from reminders r join apps a on a.id = r.app_id where r.kind = 'drift';
insert into data_acts (container_id, by_user, at, act, environment, app_id, chat_id, tables, note)
  select a.container_id, r.ended_by, r.ended_at, 'dismiss',
    case r.direction when 'to_live' then 'live' when 'to_staging' then 'site' end, r.app_id, r.chat_id, r.tables, r.reason
  from reminders r join apps a on a.id = r.app_id where r.state = 'dismissed' and r.ended_by is not null;

drop index data_acts_container;
create index data_acts_page on data_acts (container_id, at desc, id desc);
create unique index data_acts_release on data_acts (release_id) where release_id is not null;
create index data_acts_open on data_acts (at) where state = 'open';
-- what Vibe itself has just changed
create index data_acts_changes on data_acts (app_id, ended_at) where sealed is not null;

create index releases_page on releases (app_id, created_at desc, id desc);
create index audit_log_switches on audit_log (container_id, at desc, id desc) where tool = 'go_back' and decision = 'allowed';

-- by time instead of by id; what writes has its own, because most statements only read
drop index sql_calls_container;
drop index sql_calls_page;
drop index sql_calls_person;
drop index sql_calls_app;
create index sql_calls_page on sql_calls (container_id, called_at desc, id desc);
create index sql_calls_person on sql_calls (container_id, asked_by, called_at desc, id desc);
create index sql_calls_app on sql_calls (container_id, app_id, called_at desc, id desc);
create index sql_calls_changes on sql_calls (container_id, called_at desc, id desc) where writes;
create index sql_calls_person_changes on sql_calls (container_id, asked_by, called_at desc, id desc) where writes;
create index sql_calls_app_changes on sql_calls (container_id, app_id, called_at desc, id desc) where writes;
-- a table that seldom comes up is found without going through all of them
create index sql_calls_tables on sql_calls using gin (tables);
