-- Runs as relink_owner, which owns everything and which nobody logs in as. The roles and the schema are made by the
-- migrator before the first migration (store/sql/bootstrap).

-- The one clock (DESIGN: time has one owner). Production keeps exactly this; a demonstration or a test installs a
-- scaled or stepped one, which only the owner can do.
create function relink.clock() returns timestamptz
    language sql volatile parallel safe
    as 'select clock_timestamp()';

-- How many seconds of clock() pass in one second of the machine: 1 in production. Leases and retry delays, which
-- belong to machines and not to accounts, are multiplied by it.
create function relink.clock_rate() returns double precision
    language sql stable parallel safe
    as 'select 1.0::double precision';

-- 256 shards, from the random end of a UUIDv7.
create function relink.shard_of(id uuid) returns smallint
    language sql immutable strict parallel safe
    as 'select get_byte(uuid_send(id), 15)::smallint';

create table relink.workspaces (
    id         uuid primary key,
    name       text not null check (name <> ''),
    created_at timestamptz not null
);
