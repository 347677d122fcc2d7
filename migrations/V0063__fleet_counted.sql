-- As in V0028, and asked for no removal it counts a fleet no further than to 1,001: the leader asks every 15 seconds. What the
-- six gates are judged on (policy::interlock::GateFacts), and the gates that refuse, in order. Takes no lock.
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
    -- Asked for no removal it counts no further than matters: six suspects refuse in any fleet, and five pass from 20 on.
    select count(*) into fleet
      from (select from relink.accounts a where a.session_id is not null and a.status <> 'disconnected'
             limit case when p_removal is null then 1001 end) l;
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

revoke all on all functions in schema relink from public;
