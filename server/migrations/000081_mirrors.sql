-- How the mirror of live in staging is doing, for each app that has one, and what of people's data the staging site may see.

create table mirrors (
  app_id uuid primary key references apps (id),
  state text not null check (state in ('preparing', 'copying', 'in_step', 'behind', 'stalled', 'waiting')),
  -- what is the matter, and what happens or what to do about it; empty when nothing is
  words text not null default '',
  lag_ms bigint not null default 0,
  lag_bytes bigint not null default 0,
  -- of the first copy
  percent smallint check (percent between 0 and 100),
  -- when it came into this state
  since timestamptz not null default now(),
  looked_at timestamptz not null default now(),
  -- when the staging site's copy was last filled from the mirror
  site_filled_at timestamptz
);

create table site_masks (
  app_id uuid not null references apps (id),
  table_name text not null check (length(table_name) between 1 and 63),
  column_name text not null check (length(column_name) between 1 and 63),
  mask text not null check (mask in ('keep', 'null', 'text', 'hash', 'email')),
  -- what stands there instead, for mask text
  fixed text check (length(fixed) <= 200),
  set_by uuid references users (id),
  set_at timestamptz not null default now(),
  primary key (app_id, table_name, column_name),
  check ((mask = 'text') = (fixed is not null))
);
