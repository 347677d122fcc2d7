-- R-CAP-3: pauses are counted from the end of one call to the start of the next, and whatever forbids a send forbids the
-- start of its call. What a cap in force is, what a hold in force, and what stands in a send's way, is each said once.

-- Cap of an account's action (R-CAP-1): its own one only lowers the tier's, unless an operator lifted it. Null own: none.
-- Like the next two without a path of its own, so that it becomes a part of the query that asks it.
create function relink.cap_in_force(p_own integer, p_tier integer, p_is_lifted boolean) returns integer
    language sql immutable parallel safe
    as $$ select case when p_is_lifted then coalesce(p_own, p_tier) else least(p_own, p_tier) end $$;

-- Whether a hold holds at p_at: nobody ended it, and its own end, null for none, has not come (R-CAP-8).
create function relink.hold_in_force(p_ended_at timestamptz, p_ends_at timestamptz, p_at timestamptz) returns boolean
    language sql immutable parallel safe
    as $$ select p_ended_at is null and (p_ends_at is null or p_ends_at > p_at) $$;

alter table relink.sends
    -- When its call ended, or was found to have ended, if it took capacity; what is learnt later does not move it.
    add column ended_at timestamptz,
    -- What its reservation was decided on, and its start is compared with: the pause to keep after another call, the digest
    -- of the account's rules, and when the window closes; null: not compared.
    add column gap_s real,
    add column rules integer,
    add column closes_at timestamptz;
create index sends_ended on relink.sends (account_id, ended_at) where ended_at is not null;
-- Pauses that go on while this is migrated; none is longer than five minutes.
update relink.sends set ended_at = settled_at
 where counted_at is not null and settled_at > relink.clock() - interval '15 minutes';

-- Whoever settles a call, in whatever way, says when it ended.
create function relink.end_call() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    if new.counted_at is not null then
        new.ended_at := coalesce(new.settled_at, relink.clock());
    end if;
    return new;
end $$;
create trigger end_call before update of state on relink.sends
    for each row when (old.state = 'sending' and new.state <> 'sending') execute function relink.end_call();
alter table relink.sends enable always trigger end_call;

-- A number that changes with an account's rules in force, also with inherited ones, which have no version (R-CAP-3).
create function relink.rules_digest(p_account uuid) returns table (digest integer)
    language sql stable parallel safe
    as $$
select hashtext(concat_ws(' ', r.zone, r.start_minute, r.end_minute, r.days, r.ramp_start, r.ramp_step, r.version))
  from relink.rules_at(p_account) r
$$;

-- As in V0024, in plpgsql, which keeps the plan: in SQL it was planned anew twice in each reservation, and cost more than the
-- rest of it.
create or replace function relink.first_send(p_account uuid, p_send uuid, p_now timestamptz) returns text
    language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
    as $$ begin
    return (
with held as (
    select h.ends_at from relink.account_holds h
     where h.account_id = p_account and h.reason = 'protective' and h.proved_at is null and h.ends_at <= p_now
)
select case
    when not exists (select from held)
     and not exists (select from relink.episodes e
                      where e.account_id = p_account and e.ended_at is not null and e.proved_at is null) then 'not_needed'
    when exists (select from relink.sends s
                  where s.account_id = p_account and s.id is distinct from p_send
                    and s.state in ('planned', 'reserved', 'sending')
                    and (s.state = 'sending' or (s.state = 'reserved' and s.counted_at > p_now - relink.reservation_life()
                                                 and s.counted_at >= relink.back_since(p_account))))
      or exists (select from relink.sends s
                  where s.account_id = p_account and s.id is distinct from p_send and s.state = 'unknown'
                    and s.look_at is not null
                    and s.sending_at >= greatest(relink.back_since(p_account), (select f.ends_at from held f))) then 'pending'
    else 'due' end);
end $$;

-- What forbids a send of an account that is connected at p_at, for reservations and for starts alike; null: nothing.
drop function relink.obstacle_of(uuid, uuid, timestamptz);
create function relink.obstacle_of(p_account uuid, p_action text, p_has_note boolean, p_campaign uuid, p_enrollment uuid,
                                   p_step smallint, p_closes_at timestamptz, p_at timestamptz)
    returns table (word text)
    language sql stable parallel safe
    as $$
select case
           when exists (select from relink.account_holds h
                         where h.account_id = p_account and relink.hold_in_force(h.ended_at, h.ends_at, p_at)) then 'hold'
           when exists (select from relink.send_cooldowns d
                         where d.account_id = p_account and d.until > p_at
                           and d.action in (p_action, case when p_action = 'invite' and p_has_note then 'invite_note' end))
                then 'cooldown'
           when p_campaign is not null and not exists (
                select from relink.campaigns k
                 where k.id = p_campaign and k.active and not exists (
                       select from relink.campaign_pauses p where p.campaign_id = k.id and p.lifted_at is null)) then 'campaign'
           when p_enrollment is not null and not exists (
                select from relink.enrollments e
                 where e.id = p_enrollment and e.state = 'active' and e.step = p_step) then 'enrollment'
           when p_closes_at <= p_at then 'window'
       end
$$;

-- Takes capacity for sends of any number of accounts, in one statement (R-CAP-2), with a verdict for each that exists.
drop function relink.reserve_sends(uuid[], uuid[], integer[], float8[], integer[], text, uuid[]);
create function relink.reserve_sends(p_accounts uuid[], p_sends uuid[], p_allowances integer[], p_gaps_s float8[],
                                     p_rules integer[], p_actor text, p_jobs uuid[], p_closes timestamptz[] default null)
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
        select * from unnest(p_accounts, p_sends, p_allowances, p_gaps_s, p_rules, p_jobs, p_closes) with ordinality
            as q(account_id, send_id, allowance, gap_s, rules, job_id, closes_at, nth)
    ), judged as materialized (
        -- Once for each send: inlined, `early` and all its queries would stand in the plan eleven times.
        select q.account_id, q.send_id, q.allowance, q.gap_s, q.closes_at, q.job_id, q.nth, s.state, s.action, s.counted_at,
               s.rules as was_rules, (select r.digest from relink.rules_digest(q.account_id) r) as rules,
               s.state = 'reserved' and s.counted_at > instant - life
                   and s.counted_at >= relink.back_since(q.account_id) as is_young,
               f.word <> 'not_needed' as goes_alone,
               relink.cap_in_force(l.day, c.day, l.lifted_by is not null) as cap_day,
               relink.cap_in_force(l.week, c.week, l.lifted_by is not null) as cap_week,
               coalesce(case
                   when s.id is null or s.state not in ('planned', 'reserved') then 'settled'
                   when a.status <> 'connected' or a.session_id is null then 'status'
               end, b.word, case
                   when q.rules <> coalesce((select r.version from relink.send_rules r where r.account_id = q.account_id), 0)
                        then 'rules'
                   when exists (select from relink.sends o where o.account_id = q.account_id and o.state = 'sending')
                        then 'busy'
                   when f.word = 'pending' then 'probing'
               end) as early
          from asked q
          left join relink.accounts a on a.id = q.account_id
          left join relink.sends s on s.account_id = q.account_id and s.id = q.send_id
          left join relink.send_limits l on l.account_id = q.account_id and l.action = s.action
          left join relink.send_caps c on c.tier = a.tier and c.action = s.action
         cross join lateral (select relink.first_send(q.account_id, q.send_id, instant) as word) f
         cross join lateral relink.obstacle_of(q.account_id, s.action, s.body is not null, s.campaign_id, s.enrollment_id,
                                               s.step, q.closes_at, instant) b
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
               select greatest(
                   (select o.ended_at from relink.sends o
                     where o.account_id = j.account_id and o.ended_at is not null order by o.ended_at desc limit 1),
                   -- Whose call is still to come.
                   (select max(o.counted_at) from relink.sends o
                     where o.account_id = j.account_id and o.state in ('planned', 'reserved', 'sending')
                       and o.id <> j.send_id)) as last_at) g on j.early is null and j.gap_s > 0
    ), said as (
        select n.*, coalesce(n.early, case
                   when n.week + n.place_week > n.cap_week then 'weekly_cap'
                   when n.day + n.place_day > n.cap_day then 'daily_cap'
                   when n.day + n.place_day > n.allowance then 'allowance'
                   when n.goes_alone and n.turn > 1 then 'probing'
                   when n.gap_s > 0 and (n.turn > 1 or n.last_at > instant - make_interval(secs => n.gap_s)) then 'spacing'
                   -- Used again, as nothing forbids it since.
                   when n.is_young and coalesce(n.was_rules, n.rules) = n.rules then 'reserved'
                   else 'free' end) as word
          from counted n
    ), superseded as materialized (
        -- Each intent has one outcome: also that of a reservation which nobody called on (R-CAP-5).
        select relink.supersede_intents(p_accounts => array_agg(d.account_id), p_sends => array_agg(d.send_id), p_now => instant,
                                        p_actor => p_actor)
          from said d where d.word = 'free' and d.state = 'reserved'
        having count(*) > 0
    ), moved as (
        update relink.sends s
           set state = 'reserved', counted_at = instant, intent_id = nextval('relink.send_audit_ids'),
               gap_s = d.gap_s, rules = d.rules, closes_at = d.closes_at
          from said d
         where d.word = 'free' and s.account_id = d.account_id and s.id = d.send_id
           -- Asked for once, before the first row is changed: they read the intents of before.
           and (select count(*) from superseded) >= 0
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
    language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
    as $$
declare
    instant timestamptz;
    slack interval := relink.send_slack();
    obstacle text;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'start_send looks after it has locked, which only READ COMMITTED sees' using errcode = '25000';
    end if;
    perform a.id from relink.accounts a where a.id = p_account for no key update;
    instant := relink.clock();
    select coalesce(b.word, case
               when s.rules <> (select r.digest from relink.rules_digest(s.account_id) r) then 'rules'
               -- Lowered since: itself it is among the counted.
               when u.week > relink.cap_in_force(l.week, c.week, l.lifted_by is not null) then 'weekly_cap'
               when u.day > relink.cap_in_force(l.day, c.day, l.lifted_by is not null) then 'daily_cap'
               when s.gap_s > 0 and exists (
                    select from relink.sends o
                     where o.account_id = p_account and o.ended_at > instant - make_interval(secs => s.gap_s)) then 'spacing' end)
      into obstacle
      from relink.sends s
      join relink.accounts a on a.id = s.account_id
      join relink.send_caps c on c.tier = a.tier and c.action = s.action
      left join relink.send_limits l on l.account_id = s.account_id and l.action = s.action
     cross join lateral (
           select count(*) filter (where o.counted_at > instant - interval '24 hours' - slack) as day, count(*) as week
             from relink.sends o
            where o.account_id = s.account_id and o.action = s.action
              and o.counted_at > instant - interval '168 hours' - slack) u
     cross join lateral relink.obstacle_of(s.account_id, s.action, s.body is not null, s.campaign_id, s.enrollment_id, s.step,
                                           s.closes_at, instant) b
     where s.account_id = p_account and s.id = p_send;
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

-- Accounts as senders, at p_now (policy::sends::sender::Sender). Their newest send is the one whose call ended last, or that
-- is reserved; relink.first_send says whether one must succeed first.
drop function relink.senders_at(uuid[], timestamptz);
create function relink.senders_at(p_accounts uuid[], p_now timestamptz)
    returns table (account_id uuid, workspace_id uuid, name text, status text, tier text, zone text, start_minute smallint,
                   end_minute smallint, days smallint, ramp_start integer, ramp_step integer, rules_version integer,
                   first_connected_at timestamptz, outage_from timestamptz, outage_until timestamptz, hold_reasons text[],
                   hold_ends timestamptz[], last_send uuid, last_at timestamptz, is_busy boolean, slack_s float8,
                   rules_from text, zone_from text)
    language sql stable set search_path = pg_catalog, pg_temp
    as $$
select a.id, a.workspace_id, a.name, a.status::text, a.tier,
       r.zone, r.start_minute, r.end_minute, r.days, r.ramp_start, r.ramp_step, r.version,
       a.first_connected_at, a.outage_from, a.outage_until, h.reasons, h.ends,
       last.id, last.at,
       exists (select from relink.sends s where s.account_id = a.id and s.state = 'sending'),
       extract(epoch from relink.send_slack())::float8, r.rules_from, r.zone_from
  from relink.accounts a
  cross join lateral relink.rules_at(a.id) r
  left join lateral (
       select array_agg(h.reason order by h.reason) as reasons, array_agg(h.ends_at order by h.reason) as ends
         from relink.account_holds h
        where h.account_id = a.id and relink.hold_in_force(h.ended_at, h.ends_at, p_now)) h on true
  left join lateral (
       select n.id, n.at from (
           (select s.id, s.ended_at as at from relink.sends s
             where s.account_id = a.id and s.ended_at is not null order by s.ended_at desc limit 1)
            union all
           (select s.id, s.counted_at from relink.sends s
             where s.account_id = a.id and s.state in ('planned', 'reserved', 'sending') and s.counted_at is not null
             order by s.counted_at desc limit 1)) n
        order by n.at desc limit 1) last on true
 where a.id = any (p_accounts)
$$;

-- R-AUD-4: jobs that an operator's act asks for. Its audit row is of this transaction and of the token's owner, and says
-- which kind; no login of an operator can ask for any other.
create function relink.enqueue_of_act(p_token text, p_audit uuid, p_ids uuid[], p_queues text[], p_kinds text[],
                                      p_versions smallint[], p_causes text[], p_workspaces uuid[], p_accounts uuid[],
                                      p_payloads jsonb[], p_run_ats timestamptz[], p_traceparents text[])
    returns table (id uuid)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
#variable_conflict use_column
declare
    who text := relink.operator_of(p_token, null);
    act text;
    asked text;
begin
    select o.action into act from relink.operator_audit o
     where o.id = p_audit and o.actor = who and o.xid = pg_current_xact_id();
    if not found then
        raise exception 'jobs: an operator''s act and its audit row must be written by one transaction'
            using errcode = '23514', constraint = 'paired_with_operator_audit';
    end if;
    select k into asked from unnest(p_kinds) k
     where (act, k) not in (values ('removal.request', 'removals.look'), ('warrant.approve', 'removals.look'),
                                   ('account.adopt', 'orphan.link'), ('account.restart', 'sessions.recover'),
                                   ('case.confirm', 'confirm.poll'), ('watch.accept', 'losses.apply')) limit 1;
    if found then
        raise exception 'jobs: % asks for no %', act, asked using errcode = '42501';
    end if;
    return query
    insert into relink.jobs (id, queue, kind, version, cause, workspace_id, account_id, payload, run_at, traceparent)
    select * from unnest(p_ids, p_queues, p_kinds, p_versions, p_causes, p_workspaces, p_accounts, p_payloads, p_run_ats,
                         p_traceparents)
        on conflict (cause) do nothing
    returning jobs.id;
end $$;
revoke insert on relink.jobs from relink_operator;

revoke all on all functions in schema relink from public;
grant execute on function relink.cap_in_force(integer, integer, boolean),
    relink.hold_in_force(timestamptz, timestamptz, timestamptz), relink.senders_at(uuid[], timestamptz)
    to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant execute on function relink.reserve_sends(uuid[], uuid[], integer[], float8[], integer[], text, uuid[], timestamptz[])
    to relink_worker;
grant execute on function relink.enqueue_of_act(text, uuid, uuid[], text[], text[], smallint[], text[], uuid[], uuid[], jsonb[],
                                                timestamptz[], text[]) to relink_operator;
