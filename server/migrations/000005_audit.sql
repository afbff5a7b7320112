-- Every act of a model: the intent committed before it, the receipt after it. A row is completed once and never edited again.

create table audit_log (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null references organisations (id),
  container_id uuid not null references containers (id),
  chat_id uuid references chats (id),
  turn_id uuid references turns (id),
  call_id text not null,
  agent text not null,
  tool text not null,
  -- SHA-256 of the input as JSON: proves what was asked without keeping what may be private
  input_hash bytea not null,
  permission text not null,
  decision text not null check (decision in ('allowed', 'refused')),
  reason text,
  outcome text check (outcome in ('done', 'failed', 'unknown')),
  receipt jsonb,
  at timestamptz not null default now(),
  completed_at timestamptz
);
create index audit_log_turn on audit_log (turn_id);
create function audit_complete_once() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then raise exception 'audit rows are kept'; end if;
  if old.completed_at is not null then raise exception 'an audit row is completed once'; end if;
  if (new.id, new.tool, new.input_hash, new.decision, new.at) is distinct from (old.id, old.tool, old.input_hash, old.decision, old.at)
    then raise exception 'the intent of an audit row is never edited'; end if;
  return new;
end $$;
create trigger audit_log_once before update or delete on audit_log for each row execute function audit_complete_once();
