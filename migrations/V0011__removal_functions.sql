-- SPEC §7, what moves: the six gates, the permit, and the functions of operators. The gates are judged by the trigger on
-- relink.removals, so no statement of anybody, the owner included, makes a permit while one of them refuses.

-- What of the record's guards is missing, is not what was written here, or is switched off (gate 6): ALWAYS, so that
-- replica mode does not silence them. And what of the owner's making would get round them.
create function relink.missing_guards() returns text[]
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
with written as (
    -- In the words of pg_get_triggerdef.
    select 'CREATE ' || v.definition as definition, substring(v.definition from 'TRIGGER (\w+) ') as name,
           substring(v.definition from ' ON relink\.(\w+) ') as on_table
      from (values
        ('TRIGGER step_status_version BEFORE INSERT OR UPDATE ON relink.accounts FOR EACH ROW EXECUTE FUNCTION relink.step_status_version()'),
        ('CONSTRAINT TRIGGER flip_paired_insert AFTER INSERT ON relink.accounts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION relink.check_pairing()'),
        ('CONSTRAINT TRIGGER flip_paired_update AFTER UPDATE ON relink.accounts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION relink.check_pairing()'),
        ('TRIGGER no_delete BEFORE DELETE ON relink.accounts FOR EACH ROW EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.accounts FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER chain BEFORE INSERT ON relink.account_audit FOR EACH ROW EXECUTE FUNCTION relink.chain_audit()'),
        ('TRIGGER no_change BEFORE DELETE OR UPDATE ON relink.account_audit FOR EACH ROW EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.account_audit FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()'),
        ('CONSTRAINT TRIGGER audit_paired AFTER INSERT OR UPDATE ON relink.audit_heads DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION relink.check_pairing()'),
        ('TRIGGER only_by_audit BEFORE INSERT OR UPDATE ON relink.audit_heads FOR EACH ROW EXECUTE FUNCTION relink.refuse_outside_trigger()'),
        ('TRIGGER no_delete BEFORE DELETE ON relink.audit_heads FOR EACH ROW EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.audit_heads FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER no_change BEFORE DELETE OR UPDATE ON relink.operator_audit FOR EACH ROW EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.operator_audit FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER guard BEFORE DELETE OR UPDATE ON relink.cases FOR EACH ROW EXECUTE FUNCTION relink.guard_case()'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.cases FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER no_change BEFORE DELETE OR UPDATE ON relink.case_polls FOR EACH ROW EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.case_polls FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER guard BEFORE DELETE OR UPDATE ON relink.operator_tokens FOR EACH ROW EXECUTE FUNCTION relink.guard_token()'),
        ('CONSTRAINT TRIGGER paired AFTER INSERT OR UPDATE ON relink.operator_tokens DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION relink.demand_operator_audit(''operator.%'')'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.operator_tokens FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER guard BEFORE INSERT OR DELETE OR UPDATE ON relink.flags FOR EACH ROW EXECUTE FUNCTION relink.guard_flag()'),
        ('CONSTRAINT TRIGGER paired AFTER INSERT OR UPDATE ON relink.flags DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION relink.demand_operator_audit(''flag.%'')'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.flags FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER guard BEFORE INSERT OR DELETE OR UPDATE ON relink.warrants FOR EACH ROW EXECUTE FUNCTION relink.guard_warrant()'),
        ('CONSTRAINT TRIGGER paired AFTER INSERT OR UPDATE ON relink.warrants DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION relink.demand_operator_audit(''warrant.%'')'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.warrants FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER guard BEFORE DELETE ON relink.removal_latch FOR EACH ROW EXECUTE FUNCTION relink.guard_latch()'),
        ('CONSTRAINT TRIGGER paired AFTER UPDATE ON relink.removal_latch DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.tripped_at IS NOT NULL) AND (new.tripped_at IS DISTINCT FROM old.tripped_at))) EXECUTE FUNCTION relink.demand_operator_audit(''latch.%'')'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.removal_latch FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER guard BEFORE INSERT OR DELETE OR UPDATE ON relink.removal_looks FOR EACH ROW EXECUTE FUNCTION relink.stamp_look()'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.removal_looks FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER guard BEFORE INSERT OR DELETE OR UPDATE ON relink.removals FOR EACH ROW EXECUTE FUNCTION relink.guard_removal()'),
        ('TRIGGER record AFTER INSERT OR UPDATE ON relink.removals FOR EACH ROW EXECUTE FUNCTION relink.record_removal()'),
        ('CONSTRAINT TRIGGER paired AFTER INSERT ON relink.removals DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION relink.demand_operator_audit(''removal.%'')'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.removals FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER no_change BEFORE DELETE OR UPDATE ON relink.removal_audit FOR EACH ROW EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.removal_audit FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()'),
        ('TRIGGER guard BEFORE INSERT OR DELETE OR UPDATE ON relink.pauses FOR EACH ROW EXECUTE FUNCTION relink.guard_pause()'),
        ('CONSTRAINT TRIGGER paired AFTER INSERT OR UPDATE ON relink.pauses DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.origin = ''operator''::text) AND ((new.lifted_at IS NULL) OR (new.lifted_at IS DISTINCT FROM new.ends_at)))) EXECUTE FUNCTION relink.demand_operator_audit(''pause.%'')'),
        ('TRIGGER no_truncate BEFORE TRUNCATE ON relink.pauses FOR EACH STATEMENT EXECUTE FUNCTION relink.refuse()')
           ) as v(definition)
), findings as (
    select format('trigger %s on relink.%s is %s', w.name, w.on_table,
                  case when t.oid is null then 'missing'
                       when pg_get_triggerdef(t.oid) <> w.definition then 'not what the migrations wrote'
                       else 'not always on' end) as finding
      from written w
      left join pg_trigger t on t.tgrelid = to_regclass('relink.' || w.on_table) and t.tgname = w.name and not t.tgisinternal
     where t.oid is null or t.tgenabled <> 'A' or pg_get_triggerdef(t.oid) <> w.definition
    union all
    select format('trigger %s on relink.%s is none of ours', t.tgname, c.relname)
      from pg_trigger t join pg_class c on c.oid = t.tgrelid and c.relnamespace = 'relink'::regnamespace
     where not t.tgisinternal and c.relname in (select on_table from written)
       and not exists (select from written w where w.on_table = c.relname and w.name = t.tgname)
    union all
    -- Rows of a child are seen in its parent, and no trigger of the parent sees them.
    select format('table %s inherits from relink.%s', i.inhrelid::regclass, c.relname)
      from pg_inherits i join pg_class c on c.oid = i.inhparent and c.relnamespace = 'relink'::regnamespace
     where c.relkind = 'r'
    union all
    select format('relink.%s hides rows', c.relname) from pg_class c
     where c.relnamespace = 'relink'::regnamespace and (c.relrowsecurity or c.relforcerowsecurity)
    union all
    select format('rule %s on relink.%s rewrites statements', r.rulename, c.relname)
      from pg_rewrite r join pg_class c on c.oid = r.ev_class and c.relnamespace = 'relink'::regnamespace
     where c.relkind in ('r', 'p')
)
select coalesce(array_agg(finding order by finding), '{}') from findings
$$;

-- What the six gates are judged on (policy::interlock::GateFacts), and the gates that refuse, in order. Takes no lock.
-- Asked for no removal (null), it tells what holds for the fleet; the third gate then refuses.
create function relink.removal_gates(p_removal uuid, p_switch boolean, p_self_test text[]) returns jsonb
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
        select k.session_id from relink.case_polls p join relink.cases k on k.id = p.case_id
         where p.answer = 'gone' and p.control_answer = 'present' and p.finished_at > instant - interval '24 hours'
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

-- What a removal may become, and that the gates pass where they must. Asked again for every statement that moves a row.
create function relink.guard_removal() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    instant timestamptz := relink.clock();
begin
    if tg_op = 'DELETE' then
        raise exception 'removal % stays: it is a record', old.id using errcode = '42501';
    elsif tg_op = 'INSERT' then
        if new.state <> 'requested' then
            raise exception 'removal % begins as requested, not as %', new.id, new.state using errcode = '23514';
        end if;
        new.requested_at := instant;
        new.permitted_at := null;
        new.called_at := null;
        new.ended_at := null;
        return new;
    end if;
    if (new.id, new.session_id, new.case_id, new.warrant_id, new.reason, new.requested_at, new.requested_by)
       is distinct from (old.id, old.session_id, old.case_id, old.warrant_id, old.reason, old.requested_at, old.requested_by) then
        raise exception 'removal % keeps what it is about', old.id using errcode = '42501';
    end if;
    if not (case old.state
        when 'requested' then new.state in ('permitted', 'refused', 'withdrawn')
        when 'permitted' then new.state in ('calling', 'not_sent')
        when 'calling' then new.state in ('deleted', 'unknown', 'not_sent', 'kept')
        when 'unknown' then new.state in ('deleted', 'kept')
        else false end) then
        raise exception 'removal %: % does not become %', old.id, old.state, new.state using errcode = '23514';
    end if;
    new.permitted_at := old.permitted_at;
    new.called_at := old.called_at;
    new.ended_at := old.ended_at;
    if new.state in ('permitted', 'calling') then
        if current_setting('transaction_isolation') <> 'read committed' then
            raise exception 'a permit is judged after its lock, which only READ COMMITTED sees' using errcode = '25000';
        end if;
        perform 1 from relink.removal_latch for update;
        instant := relink.clock();
        if new.state = 'calling' then
            if instant > old.permitted_at + make_interval(secs => 30 * relink.clock_rate()) or instant < old.permitted_at then
                raise exception 'removal %: its permit was for 30 seconds', old.id using errcode = '23514';
            end if;
            -- Gate 6: the intent is committed before the call.
            perform 1 from relink.removal_audit a
              where a.removal_id = old.id and a.event = 'intent' and a.xid <> pg_current_xact_id();
            if not found then
                raise exception 'removal %: its intent is not committed', old.id using errcode = '23514';
            end if;
            new.called_at := instant;
        else
            new.permitted_at := instant;
        end if;
        new.facts := relink.removal_gates(old.id, new.switch_on, new.self_test);
        if jsonb_array_length(new.facts -> 'refused') > 0 then
            raise exception 'removal %: the interlock refuses: %', old.id, new.facts ->> 'refused'
                using errcode = '23514', constraint = 'interlock';
        end if;
    else
        new.ended_at := instant;
    end if;
    return new;
end $$;

-- An open alert of the same code and subject is counted up, as the store's own statement does.
create function relink.raise_alert(p_code text, p_subject text, p_detail jsonb, p_at timestamptz) returns void
    language sql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    insert into relink.admin_alerts (id, code, subject, detail, raised_at, last_at)
    values (gen_random_uuid(), p_code, p_subject, p_detail, p_at, p_at)
    on conflict (code, subject) where acked_at is null
    do update set last_at = excluded.last_at, times = admin_alerts.times + 1, detail = excluded.detail
$$;

-- Each step is written down and told, whoever takes it (R-DEL-5).
create function relink.record_removal() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    instant timestamptz := relink.clock();
begin
    -- Nothing is left to a column's default, which can be altered.
    insert into relink.removal_audit (at, recorded_by, xid, removal_id, session_id, event, from_state, to_state, facts, note, actor, job_id)
    values (instant, session_user, pg_current_xact_id(), new.id, new.session_id,
            case new.state when 'requested' then 'request' when 'refused' then 'refusal' when 'withdrawn' then 'withdrawal'
                           when 'permitted' then 'intent' when 'calling' then 'call' else 'outcome' end,
            case when tg_op = 'UPDATE' then old.state end, new.state, new.facts, new.note, new.actor, new.job_id);
    perform relink.raise_alert('removal_' || new.state, 'removal ' || new.id, jsonb_build_object(
        'session', new.session_id, 'requested_by', new.requested_by, 'reason', new.reason,
        'refused', new.facts -> 'refused', 'note', new.note, 'actor', new.actor, 'login', session_user), instant);
    return null;
end $$;

create trigger guard before insert or update or delete on relink.removals
    for each row execute function relink.guard_removal();
create trigger record after insert or update on relink.removals
    for each row execute function relink.record_removal();
alter table relink.removals enable always trigger guard, enable always trigger record;

-- Stops all removals until a person clears it. Anybody of ours may trip it; only an operator clears it.
create function relink.trip_removal_latch(p_why text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    instant timestamptz := relink.clock();
begin
    update relink.removal_latch set tripped_at = instant, why = coalesce(nullif(btrim(p_why), ''), 'tripped')
     where tripped_at is null;
    if not found then return false; end if;
    perform relink.raise_alert('removal_latch', 'removals', jsonb_build_object('why', p_why, 'login', session_user), instant);
    return true;
end $$;

-- The fleet's regular look at the clock: while it goes on evenly, a leap cannot hide. Why it tripped the latch, if it did.
create function relink.watch_removal_clock() returns text
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    tripped text;
begin
    perform 1 from relink.removal_latch for update;
    tripped := relink.removal_gates(null, false, '{}') ->> 'latch';
    if tripped like 'the clock%' then
        return case when relink.trip_removal_latch(tripped) then tripped end;
    end if;
    perform relink.see_removal_clock(relink.clock());
    return null;
end $$;

-- Judges a step of a removal under the global lock. The caller commits whatever it says: a refusal and a tripped latch
-- are written here too. `verdict`: go, refused, or past (another took this step), with the removal's state and the facts.
create function relink.judge_removal(p_removal uuid, p_step text, p_switch boolean, p_self_test text[], p_actor text, p_job uuid)
    returns jsonb
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
<<own>>
declare
    r relink.removals;
    facts jsonb;
    refused jsonb;
    late boolean;
    is_start boolean := p_step = 'start';
begin
    if p_step not in ('permit', 'start') then
        raise exception 'step: permit or start, not %', p_step using errcode = '22023';
    end if;
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'a permit is judged after its lock, which only READ COMMITTED sees' using errcode = '25000';
    end if;
    perform 1 from relink.removal_latch for update;
    if not found then raise exception 'the latch''s row is missing' using errcode = '23514'; end if;
    select * into r from relink.removals where id = p_removal for update;
    if not found or r.state <> (case when is_start then 'permitted' else 'requested' end) then
        return jsonb_build_object('verdict', 'past', 'state', r.state);
    end if;
    facts := relink.removal_gates(r.id, p_switch, p_self_test);
    refused := facts -> 'refused';
    late := is_start and (facts ->> 'at')::timestamptz
            not between r.permitted_at and r.permitted_at + make_interval(secs => 30 * relink.clock_rate());
    if refused ? 'sanity' and facts ->> 'latch' is null then
        perform relink.trip_removal_latch(format('%s sessions of %s in 24 hours', facts ->> 'suspects', facts ->> 'fleet'));
    elsif facts ->> 'latch' like 'the clock%' then
        perform relink.trip_removal_latch(facts ->> 'latch');
    end if;
    perform relink.see_removal_clock((facts ->> 'at')::timestamptz);
    if jsonb_array_length(refused) > 0 or late then
        update relink.removals
           set state = case when is_start then 'not_sent' else 'refused' end, facts = own.facts, switch_on = p_switch,
               self_test = coalesce(p_self_test, '{}'), actor = p_actor, job_id = p_job,
               note = case when late then 'the permit was for 30 seconds'
                           else 'refused by ' || array_to_string(array(select jsonb_array_elements_text(refused)), ', ') end
         where id = r.id;
        return jsonb_build_object('verdict', 'refused', 'late', late, 'session', r.session_id, 'facts', facts);
    end if;
    update relink.removals
       set state = case when is_start then 'calling' else 'permitted' end, switch_on = p_switch,
           self_test = coalesce(p_self_test, '{}'), actor = p_actor, job_id = p_job
     where id = r.id;
    return jsonb_build_object('verdict', 'go', 'session', r.session_id, 'facts', facts);
end $$;

-- Ends a removal, or proves one whose end nobody saw. False: it has moved on.
create function relink.settle_removal(p_removal uuid, p_state text, p_note text, p_actor text, p_job uuid) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    was text;
begin
    if p_state not in ('deleted', 'unknown', 'not_sent', 'kept', 'withdrawn') then
        raise exception 'state: % ends no removal', p_state using errcode = '22023';
    end if;
    select state into was from relink.removals where id = p_removal for update;
    if was is null or was = p_state or was in ('deleted', 'not_sent', 'kept', 'withdrawn', 'refused')
       or (was = 'requested') <> (p_state = 'withdrawn') then
        return false;
    end if;
    update relink.removals set state = p_state, note = p_note, actor = p_actor, job_id = p_job where id = p_removal;
    return true;
end $$;
