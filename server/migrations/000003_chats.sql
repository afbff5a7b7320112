-- Chats, their events, their turns. Events are append-only and encrypted with the organisation's data key.

create table chats (
  id uuid primary key default uuidv7(),
  container_id uuid not null references containers (id),
  app_id uuid references apps (id),
  -- random, unique, part of the preview's address; never cut from the id
  chat8 text not null unique check (chat8 ~ '^[a-z0-9]{8}$'),
  title text not null,
  assistant text not null default 'builder',
  model text,
  status text not null default 'open' check (status in ('open', 'review', 'approved')),
  database text not null default 'staging' check (database in ('staging', 'live')),
  created_by uuid not null references users (id),
  -- where the branch left main; null until the app exists
  base_commit text,
  -- where the branch is, as last acknowledged; git is brought back to it after a crash
  head_commit text,
  last_seq bigint not null default 0,
  -- rises with each claim of a turn: whoever holds a lower one is refused
  fence bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  archived_at timestamptz
);
create index chats_container on chats (container_id, updated_at desc);

create table turns (
  id uuid primary key default uuidv7(),
  chat_id uuid not null references chats (id),
  number integer not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'waiting', 'ended')),
  outcome text check (outcome in ('completed', 'stopped', 'failed', 'escalated', 'handed_off', 'withdrawn')),
  problem text,
  database text not null default 'staging',
  asked_by uuid not null references users (id),
  stop_requested_at timestamptz,
  -- the lease: who runs it and until when; the fence is the chat's at the time of the claim
  worker text,
  lease_until timestamptz,
  fence bigint,
  commit_before text,
  commit_after text,
  -- what the draft held when the turn ended, so that Undo can see whether somebody used the preview since
  draft_print text,
  undone_at timestamptz,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  unique (chat_id, number)
);
create unique index turns_one_running on turns (chat_id) where state in ('running', 'waiting');
create index turns_open on turns (state, lease_until) where state in ('queued', 'running');

create table chat_events (
  chat_id uuid not null references chats (id),
  seq bigint not null,
  turn_id uuid,
  type text not null,
  payload bytea not null,
  at timestamptz not null default now(),
  primary key (chat_id, seq)
);
create index chat_events_turn on chat_events (turn_id);
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% rows are append-only', tg_table_name;
end $$;
create trigger chat_events_append_only before update or delete on chat_events for each row execute function refuse_change();

-- What the model said and was told, step by step, written before the next step starts. Payloads are encrypted.
create table turn_steps (
  turn_id uuid not null references turns (id),
  number integer not null,
  kind text not null check (kind in ('model', 'tool_begun', 'tool_done')),
  call_id text,
  payload bytea not null,
  at timestamptz not null default now(),
  primary key (turn_id, number)
);

-- The text of an answer that is being streamed, so that a tab that opens in the middle has it all. Encrypted.
create table streaming_texts (
  message_id uuid primary key,
  chat_id uuid not null references chats (id) on delete cascade,
  turn_id uuid not null,
  payload bytea not null,
  updated_at timestamptz not null default now()
);
create index streaming_texts_chat on streaming_texts (chat_id);

create table questions (
  id uuid primary key default uuidv7(),
  turn_id uuid not null references turns (id),
  chat_id uuid not null references chats (id),
  call_id text not null,
  payload bytea not null,
  answer bytea,
  answered_by uuid references users (id),
  answered_at timestamptz,
  created_at timestamptz not null default now()
);
create index questions_open on questions (chat_id) where answered_at is null;

-- What Undo can give back: draft snapshots are schemas in the data cluster, named here.
create table checkpoints (
  turn_id uuid primary key references turns (id),
  chat_id uuid not null references chats (id),
  commit text not null,
  draft_schema text,
  redo_commit text,
  redo_schema text,
  created_at timestamptz not null default now()
);
