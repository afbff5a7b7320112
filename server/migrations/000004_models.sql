-- Model keys, what turns cost, and the limits that hold before a call is made.

create table model_keys (
  organisation_id uuid not null references organisations (id),
  provider text not null,
  ciphertext bytea not null,
  -- the last four characters, all that is ever shown again
  hint text not null,
  base_url text,
  created_by uuid references users (id),
  created_at timestamptz not null default now(),
  primary key (organisation_id, provider)
);

-- Millionths of a dollar. A null limit is no limit.
create table spending_limits (
  organisation_id uuid primary key references organisations (id),
  per_turn bigint check (per_turn >= 0),
  per_chat bigint check (per_chat >= 0),
  per_day bigint check (per_day >= 0)
);

-- One row per model call: `reserved` before it (the most that it can cost), settled after it. Never deleted.
create table usage_ledger (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null references organisations (id),
  chat_id uuid not null references chats (id),
  turn_id uuid not null references turns (id),
  provider text not null,
  model text not null,
  state text not null default 'reserved' check (state in ('reserved', 'settled')),
  reserved_micros bigint not null,
  cost_micros bigint,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cache_read_tokens bigint not null default 0,
  cache_write_tokens bigint not null default 0,
  created_at timestamptz not null default now(),
  settled_at timestamptz
);
create index usage_ledger_turn on usage_ledger (turn_id);
create index usage_ledger_day on usage_ledger (organisation_id, created_at);
create index usage_ledger_chat on usage_ledger (chat_id);
