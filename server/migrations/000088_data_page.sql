-- What the page of the databases keeps: which app and tables a statement was about, and who has set rules or frozen the container.

alter table sql_calls
  add column app_id uuid references apps (id),
  add column tables text[] not null default '{}';
-- newest first: ids are made in the order of time
create index sql_calls_page on sql_calls (container_id, id desc);
create index sql_calls_person on sql_calls (container_id, asked_by, id desc);
create index sql_calls_app on sql_calls (container_id, app_id, id desc);

-- who set what; a row is never edited
create table data_acts (
  id uuid primary key default uuidv7(),
  container_id uuid not null references containers (id),
  by_user uuid not null references users (id),
  at timestamptz not null default now(),
  act text not null check (act in ('rule', 'freeze', 'lift')),
  -- of a rule
  environment text,
  action text,
  app_id uuid references apps (id),
  table_name text,
  -- null: back to the default
  verdict text
);
create index data_acts_container on data_acts (container_id, id desc);
