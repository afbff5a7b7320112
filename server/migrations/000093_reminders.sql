-- What one of an app's two databases has and the other may still need.

alter table sql_calls
  -- of what a write says, with its literals and without the names of schemas; keyed, so that it tells nothing by itself
  add column fingerprint text,
  add column action text,
  -- where it was made: what was staging's own before the app had a live database is no change of the staging site
  add column environment text check (environment in ('staging', 'site', 'live', 'draft')),
  -- the call whose statement this one repeats on the other database
  add column replays uuid references sql_calls (id);
create index sql_calls_writes on sql_calls (app_id, id) where writes and state = 'done';

create table reminders (
  id uuid primary key default uuidv7(),
  app_id uuid not null references apps (id),
  -- null for what no chat caused
  chat_id uuid references chats (id),
  kind text not null check (kind in ('schema', 'data', 'drift')),
  direction text check (direction in ('to_live', 'to_staging')),
  -- of the change on its side: its id, the id of its call, or the table that differs
  source text not null,
  tool text not null default '',
  action text not null default '',
  tables text[] not null default '{}',
  -- objects that are not the same
  objects text[] not null default '{}',
  state text not null default 'open' check (state in ('open', 'cleared', 'dismissed')),
  since timestamptz not null default now(),
  ended_at timestamptz,
  ended_by uuid references users (id),
  reason text check (length(reason) between 1 and 500),
  unique nulls not distinct (app_id, kind, direction, source),
  check ((kind = 'drift') = (direction is null)),
  check ((state = 'dismissed') = (reason is not null))
);
create index reminders_open on reminders (app_id, id) where state = 'open';
create index reminders_chat on reminders (chat_id) where state = 'open';
