-- Episodes (R-LNK-7), the first send after one as its probe (R-LNK-6), and the acts of people who let campaigns and
-- accounts go on (R-CAM-1).

-- The time during which an account cannot send: from its flip out of `connected` to the one into `connected` or
-- `disconnected`. Opened and closed by the statement that flips. A disconnect of a connected account is an episode that
-- ends as it begins: nobody is told of it, but the first send after the way back is its probe too.
create table relink.episodes (
    account_id    uuid not null references relink.accounts,
    -- The status_version of the flip out of `connected`: the name of the episode, in notices too.
    began_version bigint not null,
    began_at      timestamptz not null,
    -- The cause of that flip.
    cause         text not null,
    ended_at      timestamptz,
    -- When the first call after it began that the provider took; until then one send at a time goes.
    proved_at     timestamptz check (proved_at >= ended_at),
    primary key (account_id, began_version)
);
create unique index episodes_open on relink.episodes (account_id) where ended_at is null;
create index episodes_unproved on relink.episodes (account_id) where ended_at is not null and proved_at is null;

-- Episodes that are open today; and what was told in them stays told. Until a first `connected` there is none: what is
-- told before it names episode 0.
insert into relink.episodes (account_id, began_version, began_at, cause)
select distinct on (a.id) a.id, u.version, u.at, u.cause
  from relink.accounts a
  join relink.account_audit u on u.account_id = a.id and u.from_status = 'connected'
 where a.status not in ('connected', 'disconnected')
 order by a.id, u.version desc;
insert into relink.notices (account_id, episode, reason, created_at)
select n.account_id, e.began_version, n.reason, min(n.created_at)
  from relink.notices n
  join relink.episodes e on e.account_id = n.account_id and n.episode > e.began_version
 group by n.account_id, e.began_version, n.reason
    on conflict do nothing;

-- Since when an account is back from its last episode; for ever where it had none. Reservations from before are stale.
create function relink.back_since(p_account uuid) returns timestamptz
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
    as $$ select coalesce(max(e.ended_at), '-infinity') from relink.episodes e where e.account_id = p_account $$;

-- Whether the account's next send must succeed before a second is reserved, because it is the first after an episode
-- (R-LNK-6) or after a protective hold (R-CAP-8): `due` while none is on its way beside p_send, `pending` while one is. An
-- unknown one is on its way until it is resolved, or nobody looks for it any more.
create function relink.first_send(p_account uuid, p_send uuid, p_now timestamptz) returns text
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
    as $$
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
    else 'due' end
$$;
create index sends_unknown_of on relink.sends (account_id) where state = 'unknown';

-- Whoever settles a send as sent, in whatever way: a call that began after the episode proves the account works.
create function relink.prove_episode() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    update relink.episodes set proved_at = new.sending_at
     where account_id = new.account_id and ended_at <= new.sending_at and proved_at is null;
    return null;
end $$;
create trigger prove_episode after update of state on relink.sends
    for each row when (new.state = 'sent' and old.state <> 'sent') execute function relink.prove_episode();
alter table relink.sends enable always trigger prove_episode;

-- As in V0009, and: a send that must succeed first goes alone (`probing`), and a reservation from before it is taken anew.
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
                   when s.state = 'reserved' and s.counted_at > instant - life
                        and s.counted_at >= relink.back_since(q.account_id) then 'reserved'
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

-- As in V0009, and no reservation from before the account came back is called on.
create or replace function relink.start_send(p_account uuid, p_send uuid)
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
                else 'busy' end,
           null, null, null, null, null, null
      from relink.sends s join relink.accounts a on a.id = s.account_id
     where s.account_id = p_account and s.id = p_send and not exists (select from moved);
end $$;

-- A person lets a campaign go on, for a reason that only a person lifts (policy::campaigns::PauseReason); its failures
-- until now are forgotten (R-HEAL-2). Answers the reasons that still keep it from running.
create function relink.resume_campaign(p_token text, p_audit uuid, p_campaign uuid, p_pause text, p_reason text)
    returns text[]
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    was relink.campaign_pauses;
begin
    perform c.id from relink.campaigns c where c.id = p_campaign for update;
    if not found then
        raise exception 'there is no campaign %', p_campaign using errcode = 'P0002';
    elsif p_pause <> all (array['manual', 'stuck_loop', 'failure_rate', 'operator']) then
        raise exception 'pause: % is lifted by its own cause, not by a person', p_pause using errcode = '55000';
    end if;
    update relink.campaign_pauses p set lifted_at = instant, lifted_by = who
     where p.campaign_id = p_campaign and p.reason = p_pause and p.lifted_at is null
    returning * into was;
    if not found then
        raise exception 'pause: the campaign is not paused for %', p_pause using errcode = '55000';
    end if;
    update relink.campaigns set failures_from = instant where id = p_campaign;
    perform relink.note_operation(p_audit, who, 'campaign.resume', p_campaign::text, p_reason, jsonb_build_object(
        'pause', p_pause, 'paused_at', was.paused_at, 'paused_by', was.paused_by));
    return array(select p.reason from relink.campaign_pauses p
                  where p.campaign_id = p_campaign and p.lifted_at is null order by p.reason);
end $$;

-- A person ends a hold (policy::sends::decided::HoldReason). What ends a protective one is still a send that succeeds
-- (R-CAP-8); an account that another person uses is held again by the next look, unless the known one is back (R-ST-6).
-- Answers the holds that are left in force.
create function relink.release_account(p_token text, p_audit uuid, p_account uuid, p_hold text, p_reason text)
    returns text[]
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    was relink.account_holds;
begin
    perform a.id from relink.accounts a where a.id = p_account for no key update;
    if not found then
        raise exception 'there is no account %', p_account using errcode = 'P0002';
    elsif p_hold <> all (array['restricted', 'protective', 'operator', 'wrong_account']) then
        raise exception 'hold: % is ended by its own cause, not by a person', p_hold using errcode = '55000';
    end if;
    select h.* into was from relink.account_holds h
     where h.account_id = p_account and h.reason = p_hold and h.ended_at is null
       and (h.ends_at is null or h.ends_at > instant);
    if not found then
        raise exception 'hold: the account is not held for %', p_hold using errcode = '55000';
    end if;
    update relink.account_holds h
       set ended_at = instant, ends_at = case when p_hold = 'protective' then instant else h.ends_at end
     where h.account_id = p_account and h.reason = p_hold;
    if p_hold = 'wrong_account' then
        update relink.campaign_senders s set in_rotation = true
          from relink.accounts a
         where s.account_id = p_account and a.id = p_account and a.status = 'connected' and not s.in_rotation;
    end if;
    perform relink.note_operation(p_audit, who, 'account.release', p_account::text, p_reason, jsonb_build_object(
        'hold', p_hold, 'since', was.since, 'ends_at', was.ends_at));
    return array(select h.reason from relink.account_holds h
                  where h.account_id = p_account and h.ended_at is null and (h.ends_at is null or h.ends_at > instant)
                  order by h.reason);
end $$;

-- The newest call of an account that the provider took: part of its last activity, read and never written (R-ST-4).
create index sends_sent on relink.sends (account_id, sending_at) where state = 'sent';

revoke all on relink.episodes from public;
grant select on relink.episodes to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant insert, update (ended_at) on relink.episodes to relink_worker;
revoke all on function relink.back_since(uuid), relink.first_send(uuid, uuid, timestamptz), relink.prove_episode(),
    relink.resume_campaign(text, uuid, uuid, text, text), relink.release_account(text, uuid, uuid, text, text) from public;
grant execute on function relink.back_since(uuid), relink.first_send(uuid, uuid, timestamptz)
    to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant execute on function relink.resume_campaign(text, uuid, uuid, text, text),
    relink.release_account(text, uuid, uuid, text, text) to relink_operator;
