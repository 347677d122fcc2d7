-- R-LNK-6: the newest look that was to verify an account, so that the next one waits longer (policy/src/verify/ladder.rs).
-- One row an account that was ever looked at without proof; it is overwritten, never removed.
create table relink.verifications (
    account_id uuid primary key references relink.accounts,
    -- `status_version` after the look.
    version    bigint not null,
    session_id text not null,
    -- Looks in a row that proved nothing.
    tries      smallint not null check (tries >= 0),
    next_at    timestamptz not null,
    -- The provider's codes, or ours; names nobody (R-AUD-5).
    last_why   text not null,
    refused    boolean not null,
    -- When a list that showed the session in trouble last made the wait begin anew: once a day.
    reset_at   timestamptz
);
create index verifications_unproved on relink.verifications (relink.shard_of(account_id)) where tries > 0;

-- Cases whose poll is no job any more are found by shards; those that a living session closed are counted by session.
create index cases_open_by_shard on relink.cases (relink.shard_of(account_id), opened_at) where closed_at is null;
create index cases_recovered on relink.cases (session_id, closed_at) where verdict = 'recovered';

revoke all on relink.verifications from public;
grant select on relink.verifications to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant insert, update on relink.verifications to relink_worker;
