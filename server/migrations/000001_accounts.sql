-- People, sessions, organisations, and the installation that they share.

-- One row: who owns this installation and whether strangers may register.
create table installation (
  id boolean primary key default true check (id),
  owner_user_id uuid,
  registration_open boolean not null default false,
  created_at timestamptz not null default now()
);
insert into installation default values;

create table users (
  id uuid primary key default uuidv7(),
  email text not null check (length(email) between 3 and 254),
  name text not null check (length(name) between 1 and 80),
  password_hash text not null,
  created_at timestamptz not null default now()
);
create unique index users_email_key on users (lower(email));
alter table installation add foreign key (owner_user_id) references users (id);

create table organisations (
  id uuid primary key default uuidv7(),
  name text not null check (length(name) between 1 and 80),
  -- AES-256-GCM data key, wrapped with the installation's master key (accounts/keyring.ts)
  data_key bytea not null,
  created_at timestamptz not null default now()
);

create table members (
  organisation_id uuid not null references organisations (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'member')),
  created_at timestamptz not null default now(),
  primary key (organisation_id, user_id)
);
create index members_user on members (user_id);

-- One row per sign-in: a family of refresh tokens of which only the newest is good.
create table sessions (
  id uuid primary key default uuidv7(),
  user_id uuid not null references users (id) on delete cascade,
  refresh_hash bytea not null unique,
  -- the immediate predecessor, good for a few seconds so that two tabs may refresh together
  previous_hash bytea,
  rotated_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  user_agent text not null default ''
);
create index sessions_user on sessions (user_id);
create index sessions_previous on sessions (previous_hash);

-- Older tokens of a family: one that comes back has been stolen, and revokes the family.
create table session_tokens_used (
  token_hash bytea primary key,
  session_id uuid not null references sessions (id) on delete cascade,
  used_at timestamptz not null default now()
);

-- Failures to sign in, by what was tried: slows guessing down. A key is 'address:<ip>' or 'account:<sha256 of e-mail>'.
create table sign_in_failures (
  key text primary key,
  failures integer not null,
  last_at timestamptz not null
);

-- The code exchange that carries a signed-in person from the platform to an app's own origin.
create table app_codes (
  code_hash bytea primary key,
  session_id uuid not null references sessions (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  host text not null,
  nonce_hash bytea not null,
  expires_at timestamptz not null
);

create table app_sessions (
  token_hash bytea primary key,
  session_id uuid not null references sessions (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  host text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index app_sessions_session on app_sessions (session_id);

-- Whoever caches who may do what listens to this (gateway, live sync): payload is 'session <id>' or 'user <id>'.
create function notify_access() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'sessions' then
    perform pg_notify('vibe_access', 'session ' || coalesce(new.id, old.id));
  else
    perform pg_notify('vibe_access', 'user ' || coalesce(new.user_id, old.user_id));
  end if;
  return null;
end $$;
create trigger sessions_access after update of revoked_at on sessions for each row execute function notify_access();
create trigger members_access after insert or update or delete on members for each row execute function notify_access();
