-- A container's live database may be at an address of its owner's own (a Supabase project's, for one). What is needed to come in is sealed.

create table outside_databases (
  container_id uuid primary key references containers (id),
  host text not null check (length(host) between 1 and 253),
  port int not null check (port between 1 and 65535),
  database text not null check (length(database) between 1 and 63),
  username text not null check (length(username) between 1 and 63),
  -- {password}, by the organisation's data key
  sealed bytea not null,
  tls boolean not null default true,
  -- who vouches for the server's certificate; null: those that everybody trusts
  ca text check (length(ca) <= 65536),
  -- what the server was when it was looked at
  version int not null,
  bypasses_rls boolean not null,
  set_by uuid not null references users (id),
  set_at timestamptz not null default now(),
  unique (host, port, database)
);

alter table data_acts drop constraint data_acts_act_check;
alter table data_acts add constraint data_acts_act_check
  check (act in ('rule', 'freeze', 'lift', 'describe', 'bring_back', 'outside', 'inside'));
