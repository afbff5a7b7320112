-- What the tables of an app are for, and in which databases they live: told to assistants, shown and edited on the page of the databases.

create table crm_tabs (
  app_id uuid not null references apps (id),
  table_name text not null check (length(table_name) between 1 and 63),
  -- one sentence; empty: nobody has said
  purpose text not null default '' check (length(purpose) <= 300),
  -- null: what the app's mode says
  home text check (home in ('staging', 'live', 'both')),
  -- the owner of a table is its app; an assistant that described it is named by its chat, a person by set_by
  chat_id uuid references chats (id) on delete set null,
  set_by uuid references users (id),
  set_at timestamptz not null default now(),
  -- by column: values that several rows have
  examples jsonb not null default '{}',
  examples_at timestamptz,
  primary key (app_id, table_name)
);

-- people also describe tables, and bring back what a merge had dropped
alter table data_acts drop constraint data_acts_act_check;
alter table data_acts add constraint data_acts_act_check check (act in ('rule', 'freeze', 'lift', 'describe', 'bring_back'));
