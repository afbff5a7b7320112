-- Deleted apps can be brought back for 48 hours; removed ones have lost their tables, releases and folder. The row keeps the address taken.
alter table apps add column deleted_by uuid references users (id);
alter table apps add column removed_at timestamptz;
