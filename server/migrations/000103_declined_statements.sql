-- A no to a statement of the console, by whoever asked. Beside the statement and not in it: its row is sealed a few seconds after it ended.

create table sql_declines (
  call_id uuid primary key references sql_calls (id) on delete cascade,
  declined_by uuid not null references users (id),
  declined_at timestamptz not null default now()
);
