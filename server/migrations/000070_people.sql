-- How a person comes into a container: a link that is good once. The token itself is never stored.
create table invitations (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null references organisations (id) on delete cascade,
  role text not null check (role in ('admin', 'member')),
  token_hash bytea not null unique,
  -- null: whoever has the link
  email text check (length(email) between 3 and 254),
  invited_by uuid not null references users (id),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_by uuid references users (id),
  accepted_at timestamptz
);
create index invitations_open on invitations (organisation_id) where accepted_at is null;

