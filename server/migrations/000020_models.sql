-- Models of several providers: addresses that the owner added, the order per agent kind, prices that the owner set, limits in tokens,
-- and what was tried before a model answered. Older code goes on working: everything is added.

create table model_addresses (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null references organisations (id),
  -- the beginning of the ids of its models: `<slug>/<model>`
  slug text not null check (slug ~ '^[a-z][a-z0-9-]{1,39}$' and slug not in ('anthropic', 'openai', 'together', 'builtin')),
  name text not null,
  base_url text not null,
  ciphertext bytea,
  hint text,
  models text[] not null default '{}' check (cardinality(models) <= 500),
  created_by uuid references users (id),
  created_at timestamptz not null default now(),
  unique (organisation_id, slug)
);

create table model_orders (
  organisation_id uuid not null references organisations (id),
  agent_kind text not null,
  position integer not null check (position between 1 and 50),
  model text not null,
  primary key (organisation_id, agent_kind, position),
  unique (organisation_id, agent_kind, model)
);

-- Dollars per million tokens. A row goes before the price list that comes with the product.
create table model_prices (
  organisation_id uuid not null references organisations (id),
  model text not null,
  input numeric not null check (input >= 0),
  output numeric not null check (output >= 0),
  cache_read numeric not null check (cache_read >= 0),
  cache_write numeric not null check (cache_write >= 0),
  set_by uuid references users (id),
  set_at timestamptz not null default now(),
  primary key (organisation_id, model)
);

create table model_settings (
  organisation_id uuid primary key references organisations (id),
  -- models that can are asked to think before they answer
  thinking boolean not null default false
);

alter table spending_limits
  add column tokens_per_turn bigint check (tokens_per_turn >= 0),
  add column tokens_per_chat bigint check (tokens_per_chat >= 0),
  add column tokens_per_day bigint check (tokens_per_day >= 0);

-- A call may belong to no chat: a test of a key, an embedding.
alter table usage_ledger
  alter column chat_id drop not null,
  alter column turn_id drop not null,
  add column reserved_tokens bigint not null default 0,
  -- models that were asked before the one that answered, and what kind of failure each had: no words of a provider
  add column tried jsonb not null default '[]';
