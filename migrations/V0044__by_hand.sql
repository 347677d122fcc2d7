-- R-CAP-10: what accounts do by hand counts. R-CAP-8, R-HEAL-2: a protective hold that a reconnect disproves ends by itself.

-- What accounts did by hand, or at least what the provider counts of them and Relink did not do. Subtracted from what an
-- account may send in the windows that hold `at`; never added to anything.
create table relink.sends_by_hand (
    account_id uuid not null references relink.accounts,
    action     text not null check (action in
               ('invite', 'message', 'inmail', 'profile_view', 'withdraw_invite', 'remove_connection', 'email')),
    source     text not null check (source in ('listed', 'usage')),
    -- The provider's name of the invitation; the send whose answer told the usage. Read again, it is the same row.
    mark       text not null check (mark <> ''),
    at         timestamptz not null,
    -- 0 once a list has shown everything that a usage stood for.
    count      integer not null check (count >= 0),
    noted_at   timestamptz not null,
    primary key (account_id, action, source, mark)
);
create index sends_by_hand_counted on relink.sends_by_hand (account_id, action, at);
create index sends_by_hand_at on relink.sends_by_hand (at);

-- How much of an action the account did by hand since then.
create function relink.by_hand(p_account uuid, p_action text, p_since timestamptz) returns integer
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
    as $$
select coalesce(sum(b.count), 0)::integer from relink.sends_by_hand b
 where b.account_id = p_account and b.action = p_action and b.at > p_since
$$;

-- Notes what a list showed that is not ours, each once, and forgets what no window has held for long. What a usage stood for
-- before is explained by what is listed now, and counts once. Returns how many were new.
create function relink.note_by_hand(p_accounts uuid[], p_actions text[], p_marks text[], p_ats timestamptz[],
                                    p_now timestamptz)
    returns bigint
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
with noted as (
    insert into relink.sends_by_hand (account_id, action, source, mark, at, count, noted_at)
    select n.account_id, n.action, 'listed', n.mark, min(n.at), 1, p_now
      from unnest(p_accounts, p_actions, p_marks, p_ats) as n(account_id, action, mark, at)
     group by n.account_id, n.action, n.mark
     order by n.account_id, n.action, n.mark
        on conflict do nothing
    returning account_id, action, at
), told as (
    select u.account_id, u.action, u.mark, l.listed
           - coalesce(sum(u.count) over (partition by u.account_id, u.action order by u.at, u.mark
                                         rows between unbounded preceding and 1 preceding), 0) as explained
      from relink.sends_by_hand u
     cross join lateral (select count(*) as listed from noted n
                          where n.account_id = u.account_id and n.action = u.action
                            and n.at <= u.at and n.at > u.at - interval '168 hours') l
     where u.account_id = any (p_accounts) and u.source = 'usage'
), explained as (
    update relink.sends_by_hand u set count = greatest(u.count - t.explained, 0)
      from told t
     where t.explained > 0 and u.account_id = t.account_id and u.action = t.action and u.source = 'usage' and u.mark = t.mark
), forgotten as (
    delete from relink.sends_by_hand b where b.account_id = any (p_accounts) and b.at < p_now - interval '31 days'
)
select count(*) from noted
$$;

-- The provider says, in the answer to a send, that at least so much of its own limit is used: of the day or of the week, it
-- does not say. Whatever ours and what is known by hand leave unexplained, by either, was done elsewhere. The limit is taken
-- for what the account may do, or its tier where it may do less.
create function relink.note_usage() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    day_ago timestamptz := new.settled_at - interval '24 hours' - relink.send_slack();
    week_ago timestamptz := new.settled_at - interval '168 hours' - relink.send_slack();
    others integer;
begin
    select least(ceil(k.day * least(new.usage, 100) / 100.0) - o.day - relink.by_hand(new.account_id, new.action, day_ago),
                 ceil(k.week * least(new.usage, 100) / 100.0) - o.week - relink.by_hand(new.account_id, new.action, week_ago))
      into others
      from relink.accounts a
      join relink.send_caps c on c.tier = a.tier and c.action = new.action
      left join relink.send_limits l on l.account_id = a.id and l.action = new.action and l.lifted_by is not null
     cross join lateral (select greatest(c.day, l.day) as day, greatest(c.week, l.week) as week) k
     cross join lateral (
           select count(*) filter (where s.counted_at > day_ago) as day, count(*) as week from relink.sends s
            where s.account_id = new.account_id and s.action = new.action and s.counted_at > week_ago) o
     where a.id = new.account_id;
    if others > 0 then
        insert into relink.sends_by_hand (account_id, action, source, mark, at, count, noted_at)
        values (new.account_id, new.action, 'usage', new.id::text, new.settled_at, others, new.settled_at)
            on conflict do nothing;
    end if;
    return null;
end $$;
create trigger note_usage after update of usage on relink.sends
    for each row when (new.usage >= 90 and new.usage is distinct from old.usage) execute function relink.note_usage();
alter table relink.sends enable always trigger note_usage;

-- Ends protective holds that the return of their accounts disproved (policy::sends::disproof), each with its audit row. Where
-- p_probes says so, one send must still succeed first. Returns the accounts whose hold it ended; one that somebody works on
-- is left alone.
create function relink.end_disproved_holds(p_accounts uuid[], p_probes boolean[], p_notes text[], p_now timestamptz)
    returns setof uuid
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    h record;
begin
    for h in
        with mine as (
            -- Nobody is waited for: whoever works on an account may wait for what this transaction holds. The next tick ends it.
            select a.id from relink.accounts a where a.id = any (p_accounts) and a.status = 'connected'
             order by a.id for no key update skip locked
        )
        update relink.account_holds u
           set ended_at = p_now, ends_at = p_now, proved_at = case when not q.probe then p_now end
          from mine a
          join unnest(p_accounts, p_probes, p_notes) as q(account_id, probe, note) on q.account_id = a.id
          join relink.account_holds w on w.account_id = a.id and w.reason = 'protective'
         where u.account_id = w.account_id and u.reason = w.reason and u.ended_at is null and u.ends_at > p_now
           and u.since < relink.back_since(u.account_id)
        returning u.account_id, u.since, w.ends_at as was_to_end_at, w.note as was_noted, q.note
    loop
        perform relink.note_operation(gen_random_uuid(), 'system', 'account.release', h.account_id::text, h.note,
            jsonb_build_object('hold', 'protective', 'since', h.since, 'ends_at', h.was_to_end_at, 'note', h.was_noted));
        return next h.account_id;
    end loop;
end $$;

revoke all on relink.sends_by_hand from public;
revoke all on all functions in schema relink from public;
grant select on relink.sends_by_hand to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant execute on function relink.note_by_hand(uuid[], text[], text[], timestamptz[], timestamptz),
    relink.end_disproved_holds(uuid[], boolean[], text[], timestamptz)
    to relink_worker;
