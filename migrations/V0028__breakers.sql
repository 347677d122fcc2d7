-- Breakers that close (R-WAT-3, gate 2 of the interlock): what was stopped stands apart until a run, a look or a person
-- says what becomes of it.

-- Counted once a run, when it is judged: whoever needs the size of the fleet reads it here.
alter table relink.watch_runs
    add column watched bigint,
    -- Applying jobs that are left; the last one ends the run.
    add column apply_jobs_left integer;
create index watch_runs_judged on relink.watch_runs (slot) where watched is not null;

-- Losses that the breaker stopped. One that is open or accepted stands for its account: it is neither counted again nor
-- applied with others.
create table relink.stopped_losses (
    account_id  uuid not null references relink.accounts,
    id          uuid not null,
    session_id  text not null,
    -- `status_version` of the row that was judged; an account at any other has moved on.
    version     bigint not null,
    from_status relink.account_status not null,
    to_status   relink.account_status not null,
    cause       text not null,
    -- Run that stopped it, or the newest one before the look that did.
    first_run   timestamptz not null references relink.watch_runs,
    last_run    timestamptz not null,
    -- Runs in a row that said the same.
    runs        integer not null check (runs >= 0),
    observed_at timestamptz not null,
    words       text[] not null,
    -- The newest look of its own after three runs, and whether it said the same.
    looked_at   timestamptz,
    look_agrees boolean,
    state       text not null default 'open' check (state in ('open', 'accepted', 'refused', 'applied', 'withdrawn')),
    decided_at  timestamptz,
    decided_by  text,
    reason      text,
    -- A refusal holds until then, or until the session says something else.
    until       timestamptz,
    ended_at    timestamptz,
    primary key (account_id, id),
    constraint looked_with_an_answer check ((looked_at is null) = (look_agrees is null)),
    constraint decided_by_somebody check (state not in ('accepted', 'refused', 'applied')
                                          or (decided_at is not null and decided_by is not null and reason is not null)),
    constraint refused_until check ((state = 'refused') = (until is not null))
);
create unique index stopped_losses_open on relink.stopped_losses (account_id) where state in ('open', 'accepted');
create index stopped_losses_of_run on relink.stopped_losses (first_run, account_id);
create index stopped_losses_refused on relink.stopped_losses (account_id, until) where state = 'refused';
create index stopped_losses_due on relink.stopped_losses (first_run, account_id) where state = 'open' and runs >= 2;

-- What a run proposes of the watched fleet that nobody stopped, accepted or refused before.
create function relink.new_losses(p_slot timestamptz, p_at timestamptz) returns table (account_id uuid)
    language sql stable parallel safe
    as $$
    select p.account_id from relink.watch_proposals p
     where p.slot = p_slot and p.class = 'loss' and not p.applied
       and p.from_status not in ('connecting', 'missing', 'disconnected')
       and not exists (select from relink.stopped_losses t
                        where t.account_id = p.account_id and t.version = p.version
                          and (t.state in ('open', 'accepted')
                               or (t.state = 'refused' and t.until > p_at and t.to_status = p.to_status and t.cause = p.cause)))
$$;

-- Accounts of the watched fleet that were lost in the hour before, by whatever way; those that were stopped first are not
-- counted a second time.
create function relink.lost_within_hour(p_at timestamptz) returns table (account_id uuid)
    language sql stable parallel safe
    as $$
    select distinct u.account_id from relink.account_audit u
     where u.to_status in ('reconnect_needed', 'action_required', 'recovering', 'missing')
       and u.recorded_at > p_at - interval '1 hour'
       and u.from_status in ('connected', 'reconnect_needed', 'action_required', 'recovering')
       and not u.evidence ? 'stop'
$$;

-- A case whose verdict is stopped: since when and why, since when it may have it again, and who confirmed it.
alter table relink.cases
    add column stopped_at timestamptz,
    add column stopped_why text,
    add column released_at timestamptz,
    add column confirmed_at timestamptz,
    add column confirmed_by text,
    add constraint stopped_for_a_reason check ((stopped_at is null) = (stopped_why is null)),
    add constraint confirmed_by_somebody check ((confirmed_at is null) = (confirmed_by is null));
alter table relink.cases drop constraint cases_verdict_check;
alter table relink.cases add constraint cases_verdict_check
    check (verdict in ('confirmed', 'recovered', 'expired', 'withdrawn', 'dismissed'));
create index cases_by_opening on relink.cases (opened_at);
create index cases_of_session on relink.cases (session_id, opened_at);
create index cases_stopped on relink.cases (account_id) where stopped_at is not null and closed_at is null;

-- Nothing is sent over a session that three polls found gone while its verdict is stopped (R-DEL-3).
alter table relink.account_holds drop constraint account_holds_reason_check;
alter table relink.account_holds add constraint account_holds_reason_check
    check (reason in ('restricted', 'protective', 'subscription', 'operator', 'wrong_account', 'session_gone'));
create index account_holds_of_gone on relink.account_holds (account_id) where reason = 'session_gone' and ended_at is null;

-- A control is found by a probe, whatever the size of the fleet.
create index accounts_good on relink.accounts (shard, session_id) where status = 'connected' and session_id is not null;

-- An operator's answer to what the breaker stopped, of a run or of accounts. Answers how many it changed: the same again
-- changes none.
create function relink.decide_losses(p_token text, p_audit uuid, p_run timestamptz, p_accounts uuid[], p_decision text,
                                     p_reason text)
    returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    run text := to_char(p_run at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
    wanted text := case p_decision when 'accept' then 'accepted' when 'refuse' then 'refused' end;
    missing uuid;
    changed uuid[];
begin
    if wanted is null then
        raise exception 'decision: accept or refuse, not %', p_decision using errcode = '22023';
    elsif (p_run is null) = (p_accounts is null or cardinality(p_accounts) = 0) then
        raise exception 'run: name a run or accounts, and not both' using errcode = '22023';
    end if;
    if p_run is not null and not exists (select from relink.stopped_losses t where t.first_run = p_run) then
        raise exception 'run: no loss of run % was stopped; relink watch list shows those that were', run using errcode = 'P0002';
    end if;
    select a.id into missing from unnest(p_accounts) as a(id)
     where not exists (select from relink.stopped_losses t
                        where t.account_id = a.id
                          and (t.state = 'open' or t.state = wanted or (t.state = 'applied' and wanted = 'accepted'))) limit 1;
    if found then
        raise exception 'accounts: no loss of account % is stopped and open', missing using errcode = 'P0002';
    end if;
    with chosen as (
        select t.account_id, t.id from relink.stopped_losses t
         where t.state = 'open' and (t.first_run = p_run or t.account_id = any (p_accounts))
         order by t.account_id for update
    ), decided as (
        update relink.stopped_losses t
           set state = wanted, decided_at = instant, decided_by = who, reason = btrim(p_reason),
               until = case when wanted = 'refused' then instant + interval '24 hours' end
          from chosen c
         where t.account_id = c.account_id and t.id = c.id
        returning t.account_id
    )
    select coalesce(array_agg(d.account_id order by d.account_id), '{}') into changed from decided d;
    perform relink.note_operation(p_audit, who, 'watch.' || p_decision, coalesce(run, p_accounts[1]::text), p_reason,
        jsonb_build_object('changed', cardinality(changed), 'accounts', to_jsonb(changed[1:1000])));
    return cardinality(changed);
end $$;

-- An operator confirms what the breaker of cases stopped: the next poll that finds the session gone ends it. Answers each
-- case's next poll; one that is confirmed already is asked for again, which is the same poll.
create function relink.confirm_cases(p_token text, p_audit uuid, p_cases uuid[], p_reason text)
    returns table (case_id uuid, account_id uuid, workspace_id uuid, number integer, due_at timestamptz)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
#variable_conflict use_column
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    odd record;
begin
    perform relink.demand_open_cases(p_cases);
    select c.id into odd from relink.cases c where c.id = any (p_cases) and c.stopped_at is null limit 1;
    if found then
        raise exception 'case: nothing stops case %; three polls that find its session gone end it', odd.id
            using errcode = '55000';
    end if;
    perform relink.note_operation(p_audit, who, 'case.confirm', p_cases[1]::text, p_reason,
                                  jsonb_build_object('cases', to_jsonb(p_cases[1:1000])));
    update relink.cases c set confirmed_at = instant, confirmed_by = who
     where c.id = any (p_cases) and c.confirmed_at is null;
    return query
        select c.id, c.account_id, a.workspace_id, coalesce(p.number, 0) + 1,
               -- A minute after the poll before it, or it would not count.
               greatest(instant, p.finished_at + interval '60 seconds')
          from relink.cases c
          join relink.accounts a on a.id = c.account_id
          left join lateral (select m.number, m.finished_at from relink.case_polls m where m.case_id = c.id
                              order by m.number desc limit 1) p on true
         where c.id = any (p_cases)
         order by c.account_id;
end $$;

-- An operator says that a session is not gone: its case ends, its account goes on, and for a day it is not suspected again.
create function relink.dismiss_cases(p_token text, p_audit uuid, p_cases uuid[], p_reason text) returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    held uuid[];
begin
    perform relink.demand_open_cases(p_cases);
    perform relink.note_operation(p_audit, who, 'case.dismiss', p_cases[1]::text, p_reason,
                                  jsonb_build_object('cases', to_jsonb(p_cases[1:1000])));
    select array_agg(c.account_id) into held from relink.cases c where c.id = any (p_cases) and c.stopped_at is not null;
    update relink.cases c set verdict = 'dismissed', closed_at = instant where c.id = any (p_cases);
    update relink.account_holds h set ended_at = instant
     where h.account_id = any (held) and h.reason = 'session_gone' and h.ended_at is null;
    return cardinality(p_cases);
end $$;

-- Locks cases that an operator names, and their accounts; an error for one that does not exist or has its verdict.
create function relink.demand_open_cases(p_cases uuid[]) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    odd record;
begin
    if coalesce(cardinality(p_cases), 0) = 0 then
        raise exception 'case: name at least one' using errcode = '22023';
    end if;
    select n.id into odd from unnest(p_cases) as n(id) where not exists (select from relink.cases c where c.id = n.id) limit 1;
    if found then
        raise exception 'case: there is no case %', odd.id using errcode = 'P0002';
    end if;
    -- Accounts first, as everybody locks them: a poll that ends one of these cases may be under way.
    perform a.id from relink.accounts a
      where a.id in (select c.account_id from relink.cases c where c.id = any (p_cases)) order by a.id for no key update;
    perform c.id from relink.cases c where c.id = any (p_cases) order by c.id for update;
    select c.id, c.verdict into odd from relink.cases c where c.id = any (p_cases) and c.verdict is not null limit 1;
    if found then
        raise exception 'case: case % is % already', odd.id, odd.verdict using errcode = '55000';
    end if;
end $$;

-- As in V0011, and a suspect is counted from its first suspicion. What the six gates are judged on (policy::interlock::GateFacts), and the gates that refuse, in order. Takes no lock.
-- Asked for no removal (null), it tells what holds for the fleet; the third gate then refuses.
create or replace function relink.removal_gates(p_removal uuid, p_switch boolean, p_self_test text[]) returns jsonb
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    r relink.removals;
    c relink.cases;
    w relink.warrants;
    f relink.flags;
    latch relink.removal_latch;
    instant timestamptz := relink.clock();
    tripped text;
    fleet bigint;
    suspects bigint;
    linked text;
    awaited boolean;
    looks jsonb;
    good bigint;
    confirmed boolean;
    basis jsonb;
    intents bigint;
    guards text[] := relink.missing_guards() || coalesce(p_self_test, '{}');
    refused text[] := '{}';
begin
    select * into r from relink.removals where id = p_removal;
    if not found and p_removal is not null then
        raise exception 'there is no removal %', p_removal using errcode = '22023';
    end if;
    if coalesce(not p_switch, true) then refused := refused || 'switch'::text; end if;

    select * into latch from relink.removal_latch;
    tripped := case when not found then 'the latch''s row is missing'
                    when latch.tripped_at is not null then latch.why
                    when instant < latch.seen_at then format('the clock went back from %s to %s', latch.seen_at, instant)
                    when latch.seen_at > '-infinity' and instant > latch.seen_at + relink.clock_leap_max()
                        then format('the clock leapt, or nobody watched it, from %s to %s', latch.seen_at, instant) end;
    select count(*) into fleet from relink.accounts a where a.session_id is not null and a.status <> 'disconnected';
    select count(distinct s.session_id) into suspects from (
        -- A case's session is a suspect for a day from the first poll that found it gone, whatever its later polls say.
        select k.session_id from relink.case_polls p join relink.cases k on k.id = p.case_id
         where p.answer = 'gone' and p.control_answer = 'present' and p.finished_at > instant - interval '24 hours'
           and not exists (select from relink.case_polls e
                            where e.case_id = p.case_id and e.answer = 'gone' and e.control_answer = 'present'
                              and e.finished_at <= instant - interval '24 hours')
        union all
        select o.session_id from relink.removal_looks l join relink.removals o on o.id = l.removal_id
         where l.seen = 'gone' and l.control_good and l.finished_at > instant - interval '24 hours'
        union all
        select o.session_id from relink.removals o where o.requested_at > instant - interval '24 hours' or o.id = r.id) s;
    if tripped is not null or fleet <= 0 or suspects > 5 or suspects * 4 > fleet then
        refused := refused || 'sanity'::text;
    end if;

    select a.status::text into linked from relink.accounts a where a.session_id = r.session_id;
    awaited := exists (select from relink.link_attempts t where t.session_id = r.session_id and t.closed_at is null);
    select coalesce(jsonb_agg(jsonb_build_object('number', l.number, 'started_at', l.started_at, 'finished_at', l.finished_at,
                'seen', l.seen, 'control', l.control_session, 'control_good', l.control_good,
                'control_linked', l.control_linked, 'by_worker', l.by_worker) order by l.number desc), '[]'),
           count(*) filter (where l.finished_at <= instant and l.seen = case when r.case_id is null then 'duplicate' else 'gone' end
                and l.control_session <> r.session_id and l.control_good and l.control_linked and l.by_worker
                and (l.later_start is null or l.later_start - l.finished_at >= interval '60 seconds'))
      into looks, good
      from (select o.*, lag(o.started_at) over (order by o.number desc) as later_start,
                   exists (select from relink.accounts a where a.session_id = o.control_session and a.status = 'connected')
                       as control_linked,
                   -- A worker's login, and nobody who could write what they like.
                   exists (select from pg_roles g where g.rolname = o.recorded_by and not g.rolsuper
                              and pg_has_role(g.oid, 'relink_worker', 'member')
                              and not pg_has_role(g.oid, 'relink_owner', 'member')) as by_worker
              from relink.removal_looks o where o.removal_id = r.id order by o.number desc limit 3) l;
    confirmed := good = 3 and not awaited
        and (looks -> 0 ->> 'finished_at')::timestamptz >= instant - interval '1 hour';
    if r.warrant_id is null then
        select * into c from relink.cases where id = r.case_id;
        basis := jsonb_build_object('kind', 'case', 'confirmed', c.verdict is not distinct from 'confirmed',
                                    'same_session', coalesce(c.session_id = r.session_id, false));
        confirmed := confirmed and c.verdict is not distinct from 'confirmed' and c.session_id = r.session_id
                     and linked is not distinct from 'missing';
    else
        select * into w from relink.warrants where id = r.warrant_id;
        basis := jsonb_build_object('kind', 'warrant', 'same_session', w.session_id is not distinct from r.session_id,
            'issued_by', w.issued_by, 'issued_at', w.issued_at, 'approved_by', w.approved_by, 'ends_at', w.ends_at,
            'revoked', w.revoked_at is not null);
        confirmed := confirmed and coalesce(w.session_id = r.session_id and w.approved_by <> w.issued_by
                     and w.revoked_at is null and w.issued_at <= instant and instant < w.ends_at
                     and w.ends_at <= w.issued_at + interval '1 hour', false) and linked is null;
    end if;
    if not coalesce(confirmed, false) then refused := refused || 'confirmation'::text; end if;

    -- Five minutes more than a day, machine time: a call is made up to that long after its intent.
    select count(*) into intents from relink.removal_audit a
     where a.event = 'intent' and a.removal_id is distinct from r.id
       and a.at > instant - interval '24 hours' - make_interval(secs => 300 * relink.clock_rate());
    if intents >= 3 then refused := refused || 'cap'::text; end if;

    select * into f from relink.flags where name = 'removals' and ended_at is null;
    if f.id is null or f.enabled_at > instant or f.ends_at <= instant or f.ends_at > f.enabled_at + interval '4 hours' then
        refused := refused || 'flag'::text;
    end if;

    if cardinality(guards) > 0 then refused := refused || 'audit'::text; end if;
    return jsonb_build_object('at', instant, 'session', coalesce(r.session_id, ''), 'switch', coalesce(p_switch, false), 'latch', tripped,
        'fleet', fleet, 'suspects', suspects, 'basis', basis, 'linked', linked, 'awaited', awaited, 'looks', looks,
        'intents', intents, 'flag', case when f.id is not null then jsonb_build_object(
            'enabled_at', f.enabled_at, 'ends_at', f.ends_at, 'by', f.enabled_by) end,
        'guards', to_jsonb(guards), 'refused', to_jsonb(refused));
end $$;

revoke all on relink.stopped_losses from public;
grant select on relink.stopped_losses to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant insert, update on relink.stopped_losses to relink_worker;
grant update (stopped_at, stopped_why, released_at) on relink.cases to relink_worker;
revoke all on function relink.new_losses(timestamptz, timestamptz), relink.lost_within_hour(timestamptz),
    relink.decide_losses(text, uuid, timestamptz, uuid[], text, text), relink.confirm_cases(text, uuid, uuid[], text),
    relink.dismiss_cases(text, uuid, uuid[], text), relink.demand_open_cases(uuid[]) from public;
grant execute on function relink.new_losses(timestamptz, timestamptz), relink.lost_within_hour(timestamptz)
    to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant execute on function relink.decide_losses(text, uuid, timestamptz, uuid[], text, text),
    relink.confirm_cases(text, uuid, uuid[], text), relink.dismiss_cases(text, uuid, uuid[], text) to relink_operator;
