-- Files of messages and pictures of looks at an app. Name and content are encrypted with the organisation's data key. Until its message is
-- sent a file belongs to whoever uploaded it and to no chat; what is never sent goes after a day.
create table attachments (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null references organisations (id),
  chat_id uuid references chats (id),
  -- null: a tool made it
  uploaded_by uuid references users (id),
  kind text not null check (kind in ('image', 'text', 'file')),
  media_type text not null,
  size integer not null check (size >= 0),
  width integer,
  height integer,
  name bytea not null,
  content bytea not null,
  created_at timestamptz not null default now(),
  check (chat_id is not null or uploaded_by is not null)
);
create index attachments_chat on attachments (chat_id);
create index attachments_unsent on attachments (uploaded_by, created_at) where chat_id is null;
