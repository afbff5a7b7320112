-- Where customers' environments live: nodes, data clusters, containers, apps.

create table nodes (
  id uuid primary key default uuidv7(),
  name text not null unique,
  -- how web and worker reach the node's host: 'unix:' for the one on this machine
  address text not null,
  heartbeat_at timestamptz not null default now()
);

create table clusters (
  id uuid primary key default uuidv7(),
  name text not null unique,
  -- 'embedded' or a connection string
  address text not null
);

create table containers (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null references organisations (id),
  slug text not null unique check (slug ~ '^[a-z][a-z0-9-]{1,18}[a-z0-9]$' and slug not like '%--%'),
  name text not null check (length(name) between 1 and 80),
  home_node_id uuid not null references nodes (id),
  cluster_id uuid not null references clusters (id),
  state text not null default 'preparing' check (state in ('preparing', 'ready', 'failed')),
  problem text,
  created_at timestamptz not null default now()
);
create index containers_organisation on containers (organisation_id);

create table apps (
  id uuid primary key default uuidv7(),
  container_id uuid not null references containers (id),
  slug text not null check (slug ~ '^[a-z][a-z0-9-]{1,18}[a-z0-9]$' and slug not like '%--%'),
  name text not null check (length(name) between 1 and 80),
  type text not null default 'full' check (type in ('full', 'automation', 'webhook', 'link')),
  mode text not null default 'vibe-coded' check (mode in ('vibe-coded', 'dual-repository')),
  icon text not null default 'layout-grid',
  colour text not null default 'pine',
  description text not null default '',
  created_by uuid references users (id),
  created_at timestamptz not null default now(),
  last_opened_at timestamptz,
  deleted_at timestamptz,
  -- a slug is reserved for good: a deleted app's address never becomes another's
  unique (container_id, slug)
);

-- An immutable build of an app. `serving` is what the gateway routes to; at most one row of an app has it.
create table releases (
  id uuid primary key default uuidv7(),
  app_id uuid not null references apps (id),
  number integer not null,
  commit text not null,
  merge_id uuid not null unique,
  toolchain text not null default '',
  state text not null check (state in ('queued', 'building', 'starting', 'serving', 'retired', 'failed')),
  problem text,
  created_by uuid references users (id),
  created_at timestamptz not null default now(),
  served_at timestamptz,
  unique (app_id, number)
);
create unique index releases_one_serving on releases (app_id) where state = 'serving';
create index releases_open on releases (state) where state in ('queued', 'building', 'starting');

create function notify_routes() returns trigger language plpgsql as $$
begin
  perform pg_notify('vibe_routes', '');
  return null;
end $$;
create trigger releases_routes after insert or update of state on releases for each statement execute function notify_routes();
create trigger apps_routes after insert or update on apps for each statement execute function notify_routes();
