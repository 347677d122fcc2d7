-- What an account that went on as an earlier row of the same person was to send for goes on with that row (R-LNK-5, R-DIS-2);
-- and what the provider told is forgotten in time, also where nothing new comes.

-- Gives places in campaigns, and the enrollments that wait, to the rows that their accounts went on as. Both rows are locked, and
-- the merge is written. An enrollment with a call that is not settled stays where it is, and its campaign stands still for that:
-- people move it. How many went over.
create function relink.follow_merges(p_accounts uuid[], p_into uuid[], p_at timestamptz, p_actor text) returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    moving uuid[];
    moved bigint := 0;
begin
    with merged as (
        select a.id from unnest(p_accounts, p_into) as m(account, earlier)
          join relink.accounts a on a.id = m.account and a.merged_into = m.earlier
    ), waiting as (
        select e.id from merged m
          join relink.enrollments e on e.account_id = m.id and e.state = 'active' and e.due_at is not null
        union
        select s.enrollment_id from merged m
          join relink.sends s on s.account_id = m.id and s.state in ('planned', 'reserved') and s.enrollment_id is not null
    )
    select array_agg(w.id order by w.id) into moving from waiting w
     where not exists (select from relink.sends s where s.enrollment_id = w.id and s.state in ('sending', 'unknown'));
    if moving is not null then
        perform relink.take_enrollments(moving, 'its account was merged', p_at, p_actor);
        update relink.enrollments e set account_id = a.merged_into
          from relink.accounts a
         where e.id = any (moving) and a.id = e.account_id and a.merged_into is not null and e.state = 'active';
        get diagnostics moved = row_count;
    end if;
    insert into relink.campaign_senders (campaign_id, account_id, in_rotation, last_planned_at)
    select s.campaign_id, l.id,
           l.status = 'connected' and not exists (select from relink.account_holds h
                                                   where h.account_id = l.id and h.reason = 'wrong_account' and h.ended_at is null),
           s.last_planned_at
      from unnest(p_accounts, p_into) as m(account, earlier)
      join relink.accounts a on a.id = m.account and a.merged_into = m.earlier
      join relink.accounts l on l.id = m.earlier
      join relink.campaign_senders s on s.account_id = a.id
     order by s.campaign_id, l.id
        on conflict do nothing;
    -- Whoever cannot send any more would keep the campaign of those who can.
    delete from relink.campaign_senders s
     using unnest(p_accounts, p_into) as m(account, earlier), relink.accounts a
     where a.id = m.account and a.merged_into = m.earlier and s.account_id = a.id
       and not exists (select from relink.sends o
                        where o.account_id = a.id and o.campaign_id = s.campaign_id and o.state in ('sending', 'unknown'));
    return moved;
end $$;

-- Those that were merged before there was this.
select relink.follow_merges(array_agg(a.id order by a.id), array_agg(a.merged_into order by a.id), relink.clock(), 'migration')
  from relink.accounts a where a.merged_into is not null having count(*) > 0;

-- Takes old events away, some at a time; how many. Whoever asks, none goes within seven days.
create or replace function relink.forget_provider_events(p_before timestamptz, p_limit integer) returns bigint
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
with old as (
    select e.id from relink.provider_events e
     where e.received_at < least(p_before, relink.clock() - interval '7 days')
     order by e.received_at limit p_limit for update skip locked
), forgotten as (
    delete from relink.provider_events e using old where e.id = old.id returning e.id
)
select count(*) from forgotten
$$;

revoke all on all functions in schema relink from public;
grant execute on function relink.follow_merges(uuid[], uuid[], timestamptz, text),
    relink.forget_provider_events(timestamptz, integer) to relink_worker;
