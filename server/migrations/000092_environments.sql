-- An app with a live database has two places where a release serves: the staging site and live.

alter table releases
  add column environment text not null default 'live' check (environment in ('live', 'staging')),
  -- where its progress is told, when that is not the chat whose merge it is
  add column told_in uuid references chats (id);
drop index releases_one_serving;
create unique index releases_one_serving on releases (app_id, environment) where state = 'serving';
