-- What linking will write and the watches read already: an attempt has a purpose, two ends and an outcome.

alter table relink.link_attempts
    add column purpose text not null default 'first'
        check (purpose in ('first', 'reconnect', 'create', 'renew', 'restore')),
    -- The provider's page is dead from then on; `ends_at` is the end of the signed name, up to which a late answer
    -- may still bind.
    add column link_ends_at timestamptz not null default relink.clock() + interval '30 minutes',
    -- How it ended; null while it is not closed, and of attempts that were closed before this column.
    add column outcome text
        check (outcome in ('linked', 'repaired', 'failed', 'superseded', 'expired', 'cancelled')),
    add constraint outcome_of_a_closed_attempt check (outcome is null or closed_at is not null);
-- Rows of before have no page that could still be open.
update relink.link_attempts set link_ends_at = least(ends_at, started_at + interval '30 minutes');

create index link_attempts_open on relink.link_attempts (account_id, started_at desc) where closed_at is null;
create index link_attempts_of_session on relink.link_attempts (session_id) where closed_at is null;

grant update (outcome) on relink.link_attempts to relink_worker;

-- R-ST-6: another person is behind the session.
alter table relink.account_holds drop constraint account_holds_reason_check;
alter table relink.account_holds add constraint account_holds_reason_check
    check (reason in ('restricted', 'protective', 'subscription', 'operator', 'wrong_account'));
