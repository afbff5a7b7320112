-- What people have set about rows, whether a container is frozen, and which statements ran.

alter table containers
  add column frozen_at timestamptz,
  add column frozen_by uuid references users (id);

create table data_rules (
  id uuid primary key default uuidv7(),
  container_id uuid not null references containers (id),
  environment text not null check (environment in ('draft', 'site', 'staging', 'live')),
  action text not null check (action in ('read', 'insert', 'update', 'delete')),
  -- null: every app of the container
  app_id uuid references apps (id),
  -- null: every table
  table_name text check (length(table_name) between 1 and 63),
  verdict text not null check (verdict in ('allow', 'ask', 'deny')),
  set_by uuid not null references users (id),
  set_at timestamptz not null default now(),
  unique nulls not distinct (container_id, environment, action, app_id, table_name)
);

-- a statement that writes is here before it runs; what a crash has left open is settled by the receipt in its target
create table sql_calls (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null references organisations (id),
  container_id uuid not null references containers (id),
  chat_id uuid references chats (id),
  turn_id uuid references turns (id),
  agent text not null,
  asked_by uuid references users (id),
  agreed_by uuid references users (id),
  target text not null check (target in ('staging', 'live', 'draft')),
  -- sealed with the organisation's key: statements hold what people wrote
  statement bytea not null,
  writes boolean not null,
  state text not null check (state in ('open', 'done', 'refused', 'unknown')),
  rule text,
  rows bigint,
  ms real,
  called_at timestamptz not null default now(),
  ended_at timestamptz
);
create index sql_calls_container on sql_calls (container_id, called_at desc);
create index sql_calls_chat on sql_calls (chat_id, called_at desc);
create index sql_calls_open on sql_calls (called_at) where state = 'open';
