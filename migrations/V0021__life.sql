-- No dead ends (R-ST-5), and whose session it is in every run (R-ST-6).

-- `attempts.end` reads those that wait, and those whose name is over, whatever the size of the fleet.
create index accounts_confirming on relink.accounts (shard, status_since) where status = 'action_required';
create index link_attempts_ending on relink.link_attempts (ends_at) where closed_at is null;

-- What a run finds beside health: another person behind a session, and the known person back.
alter table relink.watch_proposals drop constraint watch_proposals_class_check;
alter table relink.watch_proposals add constraint watch_proposals_class_check
    check (class in ('loss', 'verify', 'absent', 'unknown', 'stranger', 'returned'));
create index account_holds_of_strangers on relink.account_holds (account_id)
    where reason = 'wrong_account' and ended_at is null;
