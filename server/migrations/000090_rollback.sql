-- Acts of people stand in the same log as those of models: who it was that went back to an older release.

alter table audit_log add column by_user uuid references users (id);
create index audit_log_open on audit_log (tool) where completed_at is null;
