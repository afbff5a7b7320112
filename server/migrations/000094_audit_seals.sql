-- Each completed act in a chain: whoever alters, adds or takes away one later breaks it at that place. Made with a key that is not in the database.

create table audit_seals (
  number bigint primary key,
  source text not null check (source in ('act', 'statement')),
  row_id uuid not null,
  -- of the row as it was sealed
  digest bytea not null,
  -- keyed, over the one before and this digest
  seal bytea not null,
  at timestamptz not null default now(),
  unique (source, row_id)
);
create index sql_calls_old on sql_calls (called_at) where not writes;
