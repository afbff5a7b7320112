-- What a turn said of tables, with what was said before: it is taken back with the turn.

create table crm_tab_turns (
  turn_id uuid not null references turns (id) on delete cascade,
  app_id uuid not null references apps (id) on delete cascade,
  table_name text not null,
  purpose_before text not null,
  home_before text,
  purpose text not null,
  home text,
  primary key (turn_id, table_name)
);
