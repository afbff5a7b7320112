-- What makes a chat comfortable: plan turns, turns taken back together, limits of a chat, deletion that can be taken back, what fills the
-- model's context.

-- How a turn was asked: to build, or to plan. Fixed when the message was sent; the policy of the gates reads it.
alter table turns add column mode text not null default 'build' check (mode in ('build', 'plan'));
-- The message that this one was written in place of, and the turn with which this one was taken back: they come back together.
alter table turns add column replaces uuid references turns (id);
alter table turns add column undone_with uuid references turns (id);

-- A limit of the chat's own, beside those of the organisation. Millionths of a dollar.
alter table chats add column spending_limit bigint check (spending_limit >= 0);

-- Deleted: hidden, and can be brought back for 48 hours. Removed: contents, branch and draft are gone; the row stays for money and audit.
alter table chats add column deleted_at timestamptz;
alter table chats add column deleted_by uuid references users (id);
alter table chats add column removed_at timestamptz;
create index chats_deleted on chats (deleted_at) where deleted_at is not null and removed_at is null;

-- Events are append-only as long as their chat lives; what is left of a removed chat may go, and nothing else.
create function keep_events() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and exists (select 1 from chats where id = old.chat_id and removed_at is not null) then return old; end if;
  raise exception '% rows are append-only', tg_table_name;
end $$;
drop trigger chat_events_append_only on chat_events;
create trigger chat_events_append_only before update or delete on chat_events for each row execute function keep_events();

-- Search reads what people and assistants said, newest first, and nothing else of the log.
create index chat_events_said on chat_events (chat_id, seq desc) where type in ('message.user', 'message.edited', 'message.assistant');

-- What the last call of a chat's model was made of: characters measured per part, tokens as the provider counted them.
create table context_measures (
  chat_id uuid primary key references chats (id),
  model text not null,
  tokens bigint not null,
  parts jsonb not null,
  at timestamptz not null default now()
);
