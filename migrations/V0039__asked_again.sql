-- R-CAP-3: holds, cooldowns, pauses and the enrollment are asked once more when a call starts, and of a reservation that
-- is kept.

-- What forbids a reserved send now, though it did not when it was reserved; null: nothing. Its account is locked.
create function relink.obstacle_of(p_account uuid, p_send uuid, p_now timestamptz) returns text
    language sql stable set search_path = pg_catalog, pg_temp
    as $$
select case
           when exists (select from relink.account_holds h
                         where h.account_id = s.account_id and h.ended_at is null
                           and (h.ends_at is null or h.ends_at > p_now)) then 'hold'
           when exists (select from relink.send_cooldowns d
                         where d.account_id = s.account_id and d.until > p_now
                           and d.action in (s.action, case when s.action = 'invite' and s.body is not null then 'invite_note' end))
                then 'cooldown'
           when s.campaign_id is not null and not exists (
                select from relink.campaigns k
                 where k.id = s.campaign_id and k.active and not exists (
                       select from relink.campaign_pauses p where p.campaign_id = k.id and p.lifted_at is null)) then 'campaign'
           when s.enrollment_id is not null and not exists (
                select from relink.enrollments e
                 where e.id = s.enrollment_id and e.state = 'active' and e.step = s.step) then 'enrollment'
       end
  from relink.sends s
 where s.account_id = p_account and s.id = p_send
$$;

-- Takes capacity for sends of any number of accounts, in one statement (R-CAP-2), with a verdict for each that exists.
create or replace function relink.reserve_sends(p_accounts uuid[], p_sends uuid[], p_allowances integer[], p_gaps_s float8[],
                                     p_rules integer[], p_actor text, p_jobs uuid[])
    returns table (account_id uuid, send_id uuid, verdict text)
    -- Planning anew at every call cost 25 ms, thirty times what the call itself does.
    language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
    as $$
declare
    instant timestamptz;
    slack interval := relink.send_slack();
    life interval := relink.reservation_life();
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'reserve_sends counts after it has locked, which only READ COMMITTED sees' using errcode = '25000';
    end if;
    perform a.id from relink.accounts a where a.id = any (p_accounts) order by a.id for no key update;
    instant := relink.clock();
    return query
    with asked as (
        select * from unnest(p_accounts, p_sends, p_allowances, p_gaps_s, p_rules, p_jobs) with ordinality
            as q(account_id, send_id, allowance, gap_s, rules, job_id, nth)
    ), judged as materialized (
        -- Once for each send: inlined, `early` and all its queries would stand in the plan eleven times.
        select q.account_id, q.send_id, q.allowance, q.gap_s, q.job_id, q.nth, s.state, s.action, s.counted_at,
               f.word <> 'not_needed' as goes_alone,
               case when l.lifted_by is not null then coalesce(l.day, c.day) else least(l.day, c.day) end as cap_day,
               case when l.lifted_by is not null then coalesce(l.week, c.week) else least(l.week, c.week) end as cap_week,
               case
                   when s.id is null or s.state not in ('planned', 'reserved') then 'settled'
                   when a.status <> 'connected' or a.session_id is null then 'status'
                   when exists (select from relink.account_holds h
                                 where h.account_id = q.account_id and h.ended_at is null
                                   and (h.ends_at is null or h.ends_at > instant)) then 'hold'
                   when exists (select from relink.send_cooldowns d
                                 where d.account_id = q.account_id and d.until > instant
                                   and d.action in (s.action, case when s.action = 'invite' and s.body is not null then 'invite_note' end))
                        then 'cooldown'
                   when s.campaign_id is not null and not exists (
                        select from relink.campaigns k
                         where k.id = s.campaign_id and k.active and not exists (
                               select from relink.campaign_pauses p where p.campaign_id = k.id and p.lifted_at is null))
                        then 'campaign'
                   when s.enrollment_id is not null and not exists (
                        select from relink.enrollments e
                         where e.id = s.enrollment_id and e.state = 'active' and e.step = s.step) then 'enrollment'
                   when s.state = 'reserved' and s.counted_at > instant - life
                        and s.counted_at >= relink.back_since(q.account_id) then 'reserved'
                   when q.rules <> coalesce((select r.version from relink.send_rules r where r.account_id = q.account_id), 0)
                        then 'rules'
                   when exists (select from relink.sends o where o.account_id = q.account_id and o.state = 'sending')
                        then 'busy'
                   when f.word = 'pending' then 'probing'
               end as early
          from asked q
          left join relink.accounts a on a.id = q.account_id
          left join relink.sends s on s.account_id = q.account_id and s.id = q.send_id
          left join relink.send_limits l on l.account_id = q.account_id and l.action = s.action
          left join relink.send_caps c on c.tier = a.tier and c.action = s.action
         cross join lateral (select relink.first_send(q.account_id, q.send_id, instant) as word) f
    ), counted as (
        select j.*, u.day, u.week, g.last_at,
               -- Itself, and those before it in this call that the windows do not hold yet.
               1 + count(*) filter (where j.early is null and coalesce(j.counted_at, '-infinity') <= instant - interval '24 hours' - slack)
                   over (partition by j.account_id, j.action order by j.nth rows between unbounded preceding and 1 preceding) as place_day,
               1 + count(*) filter (where j.early is null and coalesce(j.counted_at, '-infinity') <= instant - interval '168 hours' - slack)
                   over (partition by j.account_id, j.action order by j.nth rows between unbounded preceding and 1 preceding) as place_week,
               count(*) filter (where j.early is null) over (partition by j.account_id order by j.nth) as turn
          from judged j
          left join lateral (
               select count(*) filter (where o.counted_at > instant - interval '24 hours' - slack) as day, count(*) as week
                 from relink.sends o
                where o.account_id = j.account_id and o.action = j.action
                  and o.counted_at > instant - interval '168 hours' - slack and o.id <> j.send_id) u on j.early is null
          left join lateral (
               select max(n.at) as last_at from relink.send_caps k cross join lateral (
                   select o.counted_at as at from relink.sends o
                    where o.account_id = j.account_id and o.action = k.action and o.counted_at is not null
                      and o.id <> j.send_id
                    order by o.counted_at desc limit 1) n
                where k.tier = 'free') g on j.early is null and j.gap_s > 0
    ), said as (
        select n.*, coalesce(n.early, case
                   when n.week + n.place_week > n.cap_week then 'weekly_cap'
                   when n.day + n.place_day > n.cap_day then 'daily_cap'
                   when n.day + n.place_day > n.allowance then 'allowance'
                   when n.goes_alone and n.turn > 1 then 'probing'
                   when n.gap_s > 0 and (n.turn > 1 or n.last_at > instant - make_interval(secs => n.gap_s)) then 'spacing'
                   else 'free' end) as word
          from counted n
    ), moved as (
        update relink.sends s
           set state = 'reserved', counted_at = instant, intent_id = nextval('relink.send_audit_ids')
          from said d
         where d.word = 'free' and s.account_id = d.account_id and s.id = d.send_id
        returning s.account_id, s.id, s.intent_id, s.action, d.state as from_state, d.job_id
    ), written as (
        insert into relink.send_audit (id, account_id, send_id, event, recorded_at, from_state, to_state, action, actor, job_id)
        select m.intent_id, m.account_id, m.id, 'intent', instant, m.from_state, 'reserved', m.action, p_actor, m.job_id
          from moved m
    )
    select d.account_id, d.send_id, case d.word when 'free' then 'reserved' else d.word end from said d order by d.nth;
end $$;

-- Wins the right to make the one call of a reserved send; only `started` does. What is said comes back with it.
create or replace function relink.start_send(p_account uuid, p_send uuid)
    returns table (verdict text, session_id text, action text, target text, subject text, body text, reference text)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    instant timestamptz;
    obstacle text;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'start_send looks after it has locked, which only READ COMMITTED sees' using errcode = '25000';
    end if;
    perform a.id from relink.accounts a where a.id = p_account for no key update;
    instant := relink.clock();
    obstacle := relink.obstacle_of(p_account => p_account, p_send => p_send, p_now => instant);
    return query
    with moved as (
        update relink.sends s
           set state = 'sending', sending_at = instant
          from relink.accounts a
         where s.account_id = p_account and s.id = p_send and s.state = 'reserved' and obstacle is null
           and s.counted_at > instant - relink.reservation_life()
           and s.counted_at >= relink.back_since(p_account)
           and a.id = p_account and a.status = 'connected' and a.session_id is not null
           and not exists (select from relink.sends o where o.account_id = p_account and o.state = 'sending')
        returning a.session_id, s.action, s.target, s.subject, s.body, s.reference
    )
    select 'started', m.session_id, m.action, m.target, m.subject, m.body, m.reference from moved m
    union all
    select case when s.state <> 'reserved' then 'settled'
                when s.counted_at <= instant - relink.reservation_life()
                  or s.counted_at < relink.back_since(p_account) then 'stale'
                when a.status <> 'connected' or a.session_id is null then 'status'
                else coalesce(obstacle, 'busy') end,
           null, null, null, null, null, null
      from relink.sends s join relink.accounts a on a.id = s.account_id
     where s.account_id = p_account and s.id = p_send and not exists (select from moved);
end $$;

revoke all on all functions in schema relink from public;
