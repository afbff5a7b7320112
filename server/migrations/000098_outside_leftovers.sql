-- What was left on somebody else's server, because it did not answer when it was to be removed there. It is removed when the server answers
-- again, if it is still what it was; what an app may still want to have back is a person's to remove.

create table outside_leftovers (
  id uuid primary key default uuidv7(),
  container_id uuid not null references containers (id),
  app_id uuid not null references apps (id),
  -- app: a removed app's, mirror: what followed an app that was given up, rows: the rows of one, chats: what chats ran as
  kind text not null check (kind in ('app', 'mirror', 'rows', 'chats')),
  host text not null,
  port int not null,
  database text not null,
  username text not null,
  sealed bytea not null,
  tls boolean not null,
  ca text,
  schemas text[] not null default '{}',
  publications text[] not null default '{}',
  slots text[] not null default '{}',
  roles text[] not null default '{}',
  left_at timestamptz not null default now(),
  tried_at timestamptz,
  -- why it is still there, in words
  words text not null default '',
  -- nobody tries any more: it is a person's to remove
  by_hand boolean not null default false,
  unique (app_id, kind, host, port, database)
);

-- before PostgreSQL 16 only a superuser lets a role follow changes: the mirror then comes in as who administers the database
alter table outside_databases add column lets_follow boolean not null default true;

-- an owner has said that the server is gone for good; the apps are being brought back from it
alter table outside_databases add column given_up_at timestamptz;
alter table outside_databases add column given_up_by uuid references users (id);

alter table data_acts drop constraint data_acts_act_check;
alter table data_acts add constraint data_acts_act_check
  check (act in ('rule', 'freeze', 'lift', 'describe', 'bring_back', 'outside', 'inside', 'give_up', 'left', 'cleared'));
