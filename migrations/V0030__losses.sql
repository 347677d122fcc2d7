-- R-WAT-6, R-WAT-7: what the team hears of losses and returns, and when an owner is told of one.

-- The feed of losses is read in this order: a transaction's id, and whether it was over when a page was read, tells what
-- is new, also of those that commit late.
create index account_audit_losses_in_turn on relink.account_audit (xid, id) include (recorded_at)
    where (from_status = 'connected' and to_status <> 'disconnected')
       or (from_status = 'recovering' and to_status in ('reconnect_needed', 'action_required'))
       or to_status = 'missing'
       or (to_status = 'connected' and version > 2);

-- How many accounts of a kind were lost for a cause, a row for each transaction that lost some: nobody waits for another's
-- row. Grows by the day with transactions that lose accounts, not with accounts.
create table relink.loss_counts (
    kind   text not null,
    cause  text not null check (cause <> ''),
    at     timestamptz not null,
    id     bigint generated always as identity,
    losses bigint not null check (losses > 0),
    primary key (kind, cause, at, id) include (losses)
);
-- What is usual is known from the first day on.
insert into relink.loss_counts (kind, cause, at, losses)
select a.kind, u.cause, date_bin('15 minutes', u.at, timestamptz '2000-01-01 00:00:00Z'), count(*)
  from relink.account_audit u
  join relink.accounts a on a.id = u.account_id
 where u.recorded_at > relink.clock() - interval '8 days'
   and u.from_status in ('connected', 'recovering')
   and u.to_status in ('reconnect_needed', 'action_required', 'recovering', 'missing')
 group by 1, 2, 3;

-- Waits for others that count losses of the same kinds and causes, each a name, until the end of the transaction. Not for
-- long: one that stands still holds no loss up. False: somebody still counts.
create function relink.count_in_turn(p_names text[]) returns boolean
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
declare
    before text := current_setting('lock_timeout');
begin
    perform set_config('lock_timeout', '800ms', true);
    perform pg_advisory_xact_lock(hashtext('relink.loss_counts'), hashtext(p.name))
       from (select distinct n.name from unnest(p_names) as n(name) order by n.name) p;
    perform set_config('lock_timeout', before, true);
    return true;
exception when lock_not_available then
    return false;
end $$;

alter table relink.notices
    -- The flip's cause; null in rows of earlier builds.
    add column cause       text,
    -- When its owner is to be told; null while it waits for a second look, and where it was dropped first.
    add column due_at      timestamptz default relink.clock(),
    -- Only an observation that began after this makes it due: it was one of a burst (R-WAT-6).
    add column look_after  timestamptz,
    add column dropped_at  timestamptz,
    add column dropped_why text check (dropped_why in ('came_back', 'disconnected')),
    add constraint notices_wait_or_are_due check (due_at is not null or look_after is not null),
    add constraint notices_dropped_say_why check ((dropped_at is null) = (dropped_why is null));
update relink.notices set due_at = created_at;
create index notices_due on relink.notices (due_at) where dropped_at is null;
create index notices_waiting on relink.notices (account_id) where due_at is null and dropped_at is null;

revoke all on relink.loss_counts from public;
grant select on relink.loss_counts to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant insert on relink.loss_counts to relink_worker;
revoke all on function relink.count_in_turn(text[]) from public;
grant execute on function relink.count_in_turn(text[]) to relink_worker;
grant update (due_at, look_after, dropped_at, dropped_why) on relink.notices to relink_worker;
