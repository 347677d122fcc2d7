-- Rolling upgrades (R-JOB-5 is for jobs; this is for tables): processes of an older build go on beside newer ones while
-- the migrations since then only added to the schema. A migration that takes something away, or changes what it means,
-- writes here the first build that still works: the number of the newest migration that this build must know.
create table relink.schema_support (
    only_row     boolean primary key default true check (only_row),
    oldest_build integer not null check (oldest_build > 0)
);
insert into relink.schema_support (oldest_build) values (18);

revoke all on relink.schema_support from public;
grant select on relink.schema_support to relink_worker, relink_scheduler, relink_reader, relink_operator;
