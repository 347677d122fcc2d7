-- The only ways in which a row of relink.sends comes to be and changes. No role of ours may write the table itself.

-- A request reaches the provider so long after its reservation at most: 60 s until the call is begun, 20 s for the call,
-- and some to spare. Both are machine times. Caps are counted over windows longer by this, so that they also hold in
-- the provider's own log.
create function relink.send_slack() returns interval
    language sql stable parallel safe
    as $$ select make_interval(secs => 120 * relink.clock_rate()) $$;

-- How long a reservation may be called on; older ones are taken anew.
create function relink.reservation_life() returns interval
    language sql stable parallel safe
    as $$ select make_interval(secs => 60 * relink.clock_rate()) $$;

-- Whatever changes a send, also an owner's own statement, follows these lines (policy::sends::SendState).
create function relink.step_send() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    if tg_op = 'DELETE' then
        raise exception 'send % stays: caps are counted from it', old.id using errcode = '42501';
    end if;
    if (new.account_id, new.id, new.action, new.enrollment_id, new.step)
       is distinct from (old.account_id, old.id, old.action, old.enrollment_id, old.step) then
        raise exception 'send % keeps what it is about', old.id using errcode = '23514';
    end if;
    if new.state <> old.state and not (case old.state
        when 'planned' then new.state in ('reserved', 'cancelled')
        when 'reserved' then new.state in ('sending', 'cancelled')
        when 'sending' then new.state in ('sent', 'refused', 'failed', 'unknown')
        when 'unknown' then new.state in ('sent', 'failed')
        else false end) then
        raise exception 'send %: % does not become %', old.id, old.state, new.state using errcode = '23514';
    end if;
    -- Capacity is taken by a reservation, and given back once, by what never happened.
    if new.counted_at is distinct from old.counted_at and not (
        (new.state = 'reserved' and old.state in ('planned', 'reserved') and new.counted_at is not null)
        or (new.counted_at is null and new.refunded_at is not null and old.refunded_at is null)) then
        raise exception 'send %: its capacity is neither taken nor given back in this way', old.id using errcode = '23514';
    end if;
    if old.was_unknown and not new.was_unknown then
        raise exception 'send % was unknown', old.id using errcode = '23514';
    end if;
    return new;
end $$;
create trigger step_send before update or delete on relink.sends for each row execute function relink.step_send();
create trigger no_truncate before truncate on relink.sends execute function relink.refuse();
alter table relink.sends enable always trigger step_send, enable always trigger no_truncate;

-- Plans the present step of enrollments, each with its instant. An enrollment that moved on meanwhile is left out.
create function relink.plan_sends(p_sends uuid[], p_enrollments uuid[], p_slots timestamptz[], p_now timestamptz)
    returns table (send_id uuid, account_id uuid, workspace_id uuid, slot_at timestamptz)
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
with asked as (
    select * from unnest(p_sends, p_enrollments, p_slots) as a(send_id, enrollment_id, slot_at)
), taken as (
    update relink.enrollments e set due_at = null
      from asked a, relink.enrollments o
     where e.id = a.enrollment_id and o.id = e.id and e.state = 'active' and e.due_at <= p_now
    returning a.send_id, a.slot_at, o.due_at, e.id, e.campaign_id, e.account_id, e.prospect_id, e.step, e.action, e.target
), fair as (
    update relink.campaign_senders s set last_planned_at = p_now
      from taken t
     where s.campaign_id = t.campaign_id and s.account_id = t.account_id
), planned as (
    insert into relink.sends (account_id, id, workspace_id, campaign_id, enrollment_id, step, action, target, subject, body,
                              state, due_at, planned_at, slot_at, reference)
    select t.account_id, t.send_id, c.workspace_id, t.campaign_id, t.id, t.step, t.action, t.target,
           replace(replace(st.subject, '{{name}}', p.name), '{{first_name}}', split_part(p.name, ' ', 1)),
           replace(replace(st.body, '{{name}}', p.name), '{{first_name}}', split_part(p.name, ' ', 1)),
           'planned', t.due_at, p_now, greatest(t.slot_at, p_now),
           -- What is withdrawn is this enrollment's own invitation.
           case when t.action = 'withdraw_invite' then (
               select i.reference from relink.sends i
                where i.enrollment_id = t.id and i.action = 'invite' and i.state = 'sent' and i.step < t.step
                order by i.step desc limit 1) end
      from taken t
      join relink.campaigns c on c.id = t.campaign_id
      join relink.campaign_steps st on st.campaign_id = t.campaign_id and st.step = t.step
      join relink.prospects p on p.id = t.prospect_id
    returning id, account_id, workspace_id, slot_at
)
select id, account_id, workspace_id, slot_at from planned
$$;

-- Takes capacity for planned sends, of many accounts at once, or says which rule refuses each (R-CAP-2).
--
-- The accounts are locked by one statement and counted by the next: counting in the statement that locks, or in a
-- snapshot older than the lock, overran a cap elevenfold. p_allowances bounds the day further (ramps), p_gaps_s is the
-- least time since the account's last send, p_rules the version of its rules that this was decided on. Asked for a send
-- that it reserved less than relink.reservation_life() ago, it answers `reserved` again and writes nothing.
create function relink.reserve_sends(p_accounts uuid[], p_sends uuid[], p_allowances integer[], p_gaps_s float8[],
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
               case when l.lifted_by is not null then coalesce(l.day, c.day) else least(l.day, c.day) end as cap_day,
               case when l.lifted_by is not null then coalesce(l.week, c.week) else least(l.week, c.week) end as cap_week,
               case
                   when s.id is null or s.state not in ('planned', 'reserved') then 'settled'
                   when s.state = 'reserved' and s.counted_at > instant - life then 'reserved'
                   when a.status <> 'connected' or a.session_id is null then 'status'
                   when exists (select from relink.account_holds h
                                 where h.account_id = q.account_id and h.ended_at is null
                                   and (h.ends_at is null or h.ends_at > instant)) then 'hold'
                   when q.rules <> coalesce((select r.version from relink.send_rules r where r.account_id = q.account_id), 0)
                        then 'rules'
                   when exists (select from relink.send_cooldowns d
                                 where d.account_id = q.account_id and d.action = s.action and d.until > instant)
                        then 'cooldown'
                   when s.campaign_id is not null and not exists (
                        select from relink.campaigns k
                         where k.id = s.campaign_id and k.active and not exists (
                               select from relink.campaign_pauses p where p.campaign_id = k.id and p.lifted_at is null))
                        then 'campaign'
                   when s.enrollment_id is not null and not exists (
                        select from relink.enrollments e
                         where e.id = s.enrollment_id and e.state = 'active' and e.step = s.step) then 'enrollment'
                   when exists (select from relink.sends o where o.account_id = q.account_id and o.state = 'sending')
                        then 'busy'
               end as early
          from asked q
          left join relink.accounts a on a.id = q.account_id
          left join relink.sends s on s.account_id = q.account_id and s.id = q.send_id
          left join relink.send_limits l on l.account_id = q.account_id and l.action = s.action
          left join relink.send_caps c on c.tier = a.tier and c.action = s.action
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
create function relink.start_send(p_account uuid, p_send uuid)
    returns table (verdict text, session_id text, action text, target text, subject text, body text, reference text)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    instant timestamptz;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'start_send looks after it has locked, which only READ COMMITTED sees' using errcode = '25000';
    end if;
    perform a.id from relink.accounts a where a.id = p_account for no key update;
    instant := relink.clock();
    return query
    with moved as (
        update relink.sends s
           set state = 'sending', sending_at = instant
          from relink.accounts a
         where s.account_id = p_account and s.id = p_send and s.state = 'reserved'
           and s.counted_at > instant - relink.reservation_life()
           and a.id = p_account and a.status = 'connected' and a.session_id is not null
           and not exists (select from relink.sends o where o.account_id = p_account and o.state = 'sending')
        returning a.session_id, s.action, s.target, s.subject, s.body, s.reference
    )
    select 'started', m.session_id, m.action, m.target, m.subject, m.body, m.reference from moved m
    union all
    select case when s.state <> 'reserved' then 'settled'
                when s.counted_at <= instant - relink.reservation_life() then 'stale'
                when a.status <> 'connected' or a.session_id is null then 'status'
                else 'busy' end,
           null, null, null, null, null, null
      from relink.sends s join relink.accounts a on a.id = s.account_id
     where s.account_id = p_account and s.id = p_send and not exists (select from moved);
end $$;

-- Settles calls and unknown outcomes, with their audit rows, and moves their enrollments (R-CAP-5). A send in another
-- state than it was decided on is left alone and is not in the answer.
create function relink.settle_sends(p_accounts uuid[], p_sends uuid[], p_from text[], p_to text[], p_refunds boolean[],
                                    p_codes text[], p_notes text[], p_references text[], p_chats text[],
                                    p_usages smallint[], p_look_ats timestamptz[], p_nexts text[], p_agains timestamptz[],
                                    p_odds boolean[], p_whys text[], p_now timestamptz, p_actor text, p_job uuid)
    returns table (account_id uuid, send_id uuid)
    -- In plpgsql, which keeps the plan: a function in SQL is planned anew at every call, and this is called for each send.
    language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
    as $$
#variable_conflict use_column
begin
    return query
with asked as (
    select * from unnest(p_accounts, p_sends, p_from, p_to, p_refunds, p_codes, p_notes, p_references, p_chats, p_usages,
                         p_look_ats, p_nexts, p_agains, p_odds, p_whys)
        as q(account_id, send_id, from_state, to_state, refund, code, note, reference, chat, usage, look_at, next, again_at,
             odd, why)
), moved as (
    update relink.sends s
       set state = q.to_state,
           settled_at = p_now,
           counted_at = case when q.refund then null else s.counted_at end,
           refunded_at = case when q.refund then p_now end,
           was_unknown = s.was_unknown or q.to_state = 'unknown',
           code = q.code,
           reference = coalesce(q.reference, s.reference),
           chat = coalesce(q.chat, s.chat),
           usage = coalesce(q.usage, s.usage),
           -- An unanswered request may still reach the provider, in machine time, of which a fast clock leaves little.
           look_at = case when q.to_state = 'unknown' then greatest(q.look_at, p_now + relink.reservation_life() / 2) end,
           -- Nothing is kept of what was said, once nobody has to look for it.
           subject = case when q.to_state = 'unknown' then s.subject end,
           body = case when q.to_state = 'unknown' then s.body end
      from asked q
     where s.account_id = q.account_id and s.id = q.send_id and s.state = q.from_state
       and q.from_state in ('sending', 'unknown')
    returning s.account_id, s.id, s.enrollment_id, s.step, s.action, s.intent_id, q.from_state, q.to_state, q.refund,
              q.code, q.note, q.next, q.again_at, q.odd, q.why
), written as (
    insert into relink.send_audit (account_id, send_id, event, intent_id, from_state, to_state, action, code, note, refunded,
                                   actor, job_id)
    select m.account_id, m.id, 'outcome', m.intent_id, m.from_state, m.to_state, m.action, m.code, m.note, m.refund, p_actor,
           p_job
      from moved m
), stepped as (
    update relink.enrollments e
       set step = case when n.step is not null then n.step else e.step end,
           state = case when m.next = 'stop' then 'stopped'
                        when m.next = 'advance' and n.step is null then 'done' else 'active' end,
           due_at = case m.next when 'advance' then p_now + n.wait when 'again' then m.again_at end,
           odd_refusals = case when m.next = 'again' and m.odd then e.odd_refusals + 1
                               when m.next = 'again' then e.odd_refusals else 0 end,
           stopped_at = case when m.next = 'stop' then p_now end,
           stopped_why = case when m.next = 'stop' then m.why end
      from moved m
      left join relink.enrollments o on o.id = m.enrollment_id
      left join relink.campaign_steps n on m.next = 'advance' and n.campaign_id = o.campaign_id and n.step = m.step + 1
     where e.id = m.enrollment_id and e.state = 'active' and e.step = m.step and m.next <> 'keep'
), proved as (
    update relink.account_holds h
       set proved_at = p_now
      from moved m
     where m.to_state = 'sent' and h.account_id = m.account_id and h.reason = 'protective' and h.proved_at is null
       and h.ends_at <= p_now
), reopened as (
    update relink.send_closed c
       set until = '-infinity'
      from moved m
     where m.refund and c.account_id = m.account_id and c.action = m.action
)
select m.account_id, m.id from moved m;
end $$;

-- Takes sends back that nobody has called: reserved capacity is given back, enrollments stand in line where they stood.
create function relink.cancel_sends(p_accounts uuid[], p_sends uuid[], p_codes text[], p_now timestamptz, p_actor text,
                                    p_job uuid)
    returns table (account_id uuid, send_id uuid)
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
with asked as (
    select * from unnest(p_accounts, p_sends, p_codes) as q(account_id, send_id, code)
), before as (
    select s.account_id, s.id, s.state from relink.sends s join asked q on s.account_id = q.account_id and s.id = q.send_id
     where s.state in ('planned', 'reserved')
       for update of s
), moved as (
    update relink.sends s
       set state = 'cancelled', settled_at = p_now, code = q.code, subject = null, body = null,
           refunded_at = case when b.state = 'reserved' then p_now end, counted_at = null
      from asked q join before b on b.account_id = q.account_id and b.id = q.send_id
     where s.account_id = q.account_id and s.id = q.send_id
    returning s.account_id, s.id, s.enrollment_id, s.step, s.due_at, s.action, s.intent_id, b.state as from_state, q.code
), written as (
    insert into relink.send_audit (account_id, send_id, event, intent_id, from_state, to_state, action, code, refunded, actor,
                                   job_id)
    select m.account_id, m.id, 'outcome', m.intent_id, m.from_state, 'cancelled', m.action, m.code, true, p_actor, p_job
      from moved m where m.intent_id is not null
), in_line as (
    update relink.enrollments e
       set due_at = m.due_at
      from moved m
     where e.id = m.enrollment_id and e.state = 'active' and e.step = m.step
)
select m.account_id, m.id from moved m
$$;

-- Accounts as senders, at p_now (policy::sends::sender::Sender).
create function relink.senders_at(p_accounts uuid[], p_now timestamptz)
    returns table (account_id uuid, workspace_id uuid, name text, status text, tier text, zone text, start_minute smallint,
                   end_minute smallint, days smallint, ramp_start integer, ramp_step integer, rules_version integer,
                   first_connected_at timestamptz, outage_from timestamptz, outage_until timestamptz, hold_reasons text[],
                   hold_ends timestamptz[], probe text, last_send uuid, last_at timestamptz, is_busy boolean,
                   slack_s float8)
    language sql stable set search_path = pg_catalog, pg_temp
    as $$
select a.id, a.workspace_id, a.name, a.status::text, a.tier,
       coalesce(r.zone, 'UTC'), coalesce(r.start_minute, 9 * 60)::smallint, coalesce(r.end_minute, 18 * 60)::smallint,
       coalesce(r.days, 31)::smallint, coalesce(r.ramp_start, 10), coalesce(r.ramp_step, 5), coalesce(r.version, 0),
       a.first_connected_at, a.outage_from, a.outage_until, h.reasons, h.ends,
       case when p.account_id is null then 'not_needed'
            when last.at > p.ends_at then 'pending' else 'due' end,
       last.id, last.at,
       exists (select from relink.sends s where s.account_id = a.id and s.state = 'sending'),
       extract(epoch from relink.send_slack())::float8
  from relink.accounts a
  left join relink.send_rules r on r.account_id = a.id
  left join lateral (
       select array_agg(h.reason order by h.reason) as reasons, array_agg(h.ends_at order by h.reason) as ends
         from relink.account_holds h
        where h.account_id = a.id and h.ended_at is null and (h.ends_at is null or h.ends_at > p_now)) h on true
  left join relink.account_holds p
         on p.account_id = a.id and p.reason = 'protective' and p.ends_at <= p_now and p.proved_at is null
  left join lateral (
       select n.id, n.at from relink.send_caps k cross join lateral (
           select s.id, s.counted_at as at from relink.sends s
            where s.account_id = a.id and s.action = k.action and s.counted_at is not null
            order by s.counted_at desc limit 1) n
        where k.tier = 'free' order by n.at desc limit 1) last on true
 where a.id = any (p_accounts)
$$;

-- New rules, caps and the end of a hold are looked at at once.
create function relink.reopen_sends() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    if tg_table_name = 'send_rules' and tg_op = 'UPDATE' then
        new.version := old.version + 1;
    end if;
    update relink.send_closed set until = '-infinity' where account_id = new.account_id;
    return new;
end $$;
create trigger reopen_sends before insert or update on relink.send_rules
    for each row execute function relink.reopen_sends();
create trigger reopen_sends before insert or update on relink.send_limits
    for each row execute function relink.reopen_sends();
create trigger reopen_sends before update of ended_at on relink.account_holds
    for each row execute function relink.reopen_sends();

revoke all on relink.send_caps, relink.send_limits, relink.send_rules, relink.send_cooldowns, relink.send_closed,
    relink.sends, relink.send_audit from public;
revoke all on all functions in schema relink from public;
grant select on relink.send_caps, relink.send_limits, relink.send_rules, relink.send_cooldowns, relink.send_closed,
    relink.sends, relink.send_audit to relink_worker, relink_scheduler, relink_reader;
grant execute on function relink.send_slack(), relink.reservation_life(), relink.senders_at(uuid[], timestamptz)
    to relink_worker, relink_scheduler, relink_reader;
grant execute on function
    relink.plan_sends(uuid[], uuid[], timestamptz[], timestamptz),
    relink.reserve_sends(uuid[], uuid[], integer[], float8[], integer[], text, uuid[]),
    relink.start_send(uuid, uuid),
    relink.settle_sends(uuid[], uuid[], text[], text[], boolean[], text[], text[], text[], text[], smallint[],
                        timestamptz[], text[], timestamptz[], boolean[], text[], timestamptz, text, uuid),
    relink.cancel_sends(uuid[], uuid[], text[], timestamptz, text, uuid)
    to relink_worker;
grant update (look_at, looks, absences, last_absence_at) on relink.sends to relink_worker;
grant insert, update on relink.send_cooldowns, relink.send_closed, relink.account_holds to relink_worker;
grant update (lost_at, outage_from, outage_until) on relink.accounts to relink_worker;
grant update (lifted_at, lifted_by) on relink.pauses to relink_worker;
