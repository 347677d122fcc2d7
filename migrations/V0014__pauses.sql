-- R-Q-1. What a pause covers is written once, in pauses_over; whoever gives out, claims or counts work asks it.

-- Pauses that keep a job from starting at an instant. PostgreSQL writes its body into the query that asks (a test proves
-- it), so it costs what a WHERE clause costs.
-- A job that has started once goes on in a pause of mode `drain`. After a pause is lifted with a ramp, the part of its
-- jobs that may start is the square of the ramp's part that is over: the rate rises steadily from nothing. Which jobs
-- these are follows from their ids alone, so every pod says the same.
-- Asked for no kind, account and job, it names the pauses that hold back everything of that queue and workspace.
create function relink.pauses_over(p_queue text, p_kind text, p_workspace uuid, p_account uuid, p_started boolean, p_job uuid,
                                   p_at timestamptz)
    returns table (id uuid)
    language sql stable
    as $$
    select p.id from relink.pauses p
     where p.over_at > p_at
       and case p.scope when 'everything' then true
                        when 'queue' then p.target = p_queue
                        when 'kind' then p.target = p_kind
                        when 'workspace' then p.target = p_workspace::text
                        else p.target = p_account::text end
       and (p.mode = 'hold' or not p_started)
       and (p.lifted_at is null
            or p.ramp_until > p_at
               and (uuid_hash_extended(p_job, 0) & 1048575)::double precision / 1048576
                   >= (greatest(extract(epoch from p_at - p.lifted_at), 0)::double precision
                       / extract(epoch from p.ramp_until - p.lifted_at)::double precision) ^ 2)
$$;

-- How long the oldest job waits that a worker could start now, in seconds: for the autoscaler. What is paused is no
-- work, or a pause would scale the fleet out.
create function relink.autoscaler_age(p_queue text) returns double precision
    language sql stable
    as $$
    with recursive tenants as (
        (select j.workspace_id from relink.jobs j
          where j.queue = p_queue and j.state = 'waiting' order by j.workspace_id limit 1)
        union all
        select (select j.workspace_id from relink.jobs j
                 where j.queue = p_queue and j.state = 'waiting' and j.workspace_id > t.workspace_id
                 order by j.workspace_id limit 1)
          from tenants t where t.workspace_id is not null
    )
    select coalesce(max(extract(epoch from c.now - j.run_at)), 0)::double precision
      from (select relink.clock() as now) c
     cross join tenants t
     cross join lateral (
        select j.run_at from relink.jobs j
         where j.queue = p_queue and j.workspace_id = t.workspace_id and j.state = 'waiting' and j.run_at <= c.now
           and not exists (select from relink.pauses_over(j.queue, j.kind, j.workspace_id, j.account_id,
                                                          j.attempt > j.redriven, j.id, c.now))
         order by j.run_at limit 1) j
     where t.workspace_id is not null
       and not exists (select from relink.pauses_over(p_queue, null, t.workspace_id, null, true, null, c.now))
$$;

-- A pause is lifted once, and nothing else of it changes. The database says when.
create function relink.guard_pause() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
declare
    instant timestamptz := relink.clock();
begin
    if tg_op = 'DELETE' then
        raise exception 'pause % stays: it is a record', old.id using errcode = '42501';
    elsif tg_op = 'INSERT' then
        if new.lifted_at is not null then
            raise exception 'pause % is lifted before it began', new.id using errcode = '23514';
        end if;
        new.ends_at := instant + (new.ends_at - new.paused_at);
        new.paused_at := instant;
        new.xid := pg_current_xact_id();
        return new;
    end if;
    if old.lifted_at is not null or new.lifted_at is null
       or (new.id, new.scope, new.target, new.mode, new.origin, new.paused_at, new.paused_by, new.why, new.ends_at, new.xid)
          is distinct from
          (old.id, old.scope, old.target, old.mode, old.origin, old.paused_at, old.paused_by, old.why, old.ends_at, old.xid) then
        raise exception 'pause % can be lifted once, and nothing else', old.id using errcode = '42501';
    elsif new.lifted_at is not distinct from new.ends_at then
        if new.ends_at > instant or new.ramp_until is not null then
            raise exception 'pause % ends at %, which is not yet', old.id, old.ends_at using errcode = '42501';
        end if;
    else
        new.ramp_until := instant + (new.ramp_until - new.lifted_at);
        new.lifted_at := instant;
    end if;
    return new;
end $$;
create trigger guard before insert or delete or update on relink.pauses
    for each row execute function relink.guard_pause();
-- A person's pause begins with that person's audit row, and ends with one, or at the end that was said.
create constraint trigger paired after insert or update on relink.pauses deferrable initially deferred
    for each row when (new.origin = 'operator' and (new.lifted_at is null or new.lifted_at is distinct from new.ends_at))
    execute function relink.demand_operator_audit('pause.%');
create trigger no_truncate before truncate on relink.pauses execute function relink.refuse();
alter table relink.pauses enable always trigger guard, enable always trigger paired, enable always trigger no_truncate;

-- What is paused must be there: p_queues and p_kinds are those that the caller knows.
create function relink.check_pause_target(p_scope text, p_target text, p_queues text[], p_kinds text[]) returns void
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    if p_scope = 'everything' then
        if p_target <> '' then
            raise exception 'target: everything has none' using errcode = '22023';
        end if;
    elsif p_scope = 'queue' then
        if p_target <> all (p_queues) then
            raise exception 'queue: there is no queue %; there are %', p_target, array_to_string(p_queues, ', ') using errcode = 'P0002';
        end if;
    elsif p_scope = 'kind' then
        if p_target <> all (p_kinds) then
            raise exception 'kind: there is no kind %; there are %', p_target, array_to_string(p_kinds, ', ') using errcode = 'P0002';
        end if;
    elsif p_scope = 'workspace' then
        if not exists (select from relink.workspaces w where w.id::text = p_target) then
            raise exception 'workspace: there is no workspace %', p_target using errcode = 'P0002';
        end if;
    elsif p_scope = 'account' then
        if not exists (select from relink.accounts a where a.id::text = p_target) then
            raise exception 'account: there is no account %', p_target using errcode = 'P0002';
        end if;
    else
        raise exception 'scope: there is no scope %; there are everything, queue, kind, workspace, account', p_scope
            using errcode = '22023';
    end if;
end $$;

-- In force the moment it commits. The lock waits for claims that lease and are under way, which is milliseconds, and
-- keeps new ones waiting until then: a lease is committed before the pause, or its claim sees the pause. Claims that close
-- (sets of jobs in one transaction with their effect) may take long and are not waited for: they look again after claiming.
create function relink.pause_work(p_token text, p_audit uuid, p_id uuid, p_scope text, p_target text, p_mode text,
                                  p_for interval, p_queues text[], p_kinds text[], p_reason text)
    returns timestamptz
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    ends timestamptz;
begin
    if p_mode <> all (array['hold', 'drain']) then
        raise exception 'mode: a pause is hold or drain, not %', p_mode using errcode = '22023';
    elsif p_for <= interval '0' then
        raise exception 'for: a pause lasts longer than nothing' using errcode = '22023';
    end if;
    perform relink.check_pause_target(p_scope, p_target, p_queues, p_kinds);
    -- Should the caller vanish, workers wait for so long and no longer.
    perform set_config('idle_in_transaction_session_timeout', '5s', true);
    perform pg_advisory_xact_lock(7265, 1);
    perform relink.note_operation(p_audit, who, 'pause.begin', p_id::text, p_reason, jsonb_build_object(
        'scope', p_scope, 'target', p_target, 'mode', p_mode, 'for', p_for::text));
    insert into relink.pauses (id, scope, target, mode, origin, paused_at, paused_by, why, ends_at)
    values (p_id, p_scope, p_target, p_mode, 'operator', instant, who, btrim(p_reason), instant + p_for)
    returning ends_at into ends;
    return ends;
end $$;

-- Lifts one pause by its id, or all over exactly one scope and target; each has its audit row, the first has p_audit.
create function relink.resume_work(p_token text, p_audit uuid, p_pause uuid, p_scope text, p_target text, p_ramp interval,
                                   p_reason text)
    returns table (id uuid, scope text, target text, paused_by text)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
#variable_conflict use_column
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    p relink.pauses;
    lifted bigint := 0;
begin
    if p_ramp <= interval '0' then
        raise exception 'ramp: it lasts longer than nothing' using errcode = '22023';
    end if;
    for p in select q.* from relink.pauses q
              where q.lifted_at is null and q.over_at > instant
                and (q.id = p_pause or p_pause is null and q.scope = p_scope and q.target = p_target)
              order by q.paused_at, q.id for update
    loop
        lifted := lifted + 1;
        perform relink.note_operation(case when lifted = 1 then p_audit else gen_random_uuid() end, who, 'pause.lift', p.id::text,
            p_reason, jsonb_build_object('scope', p.scope, 'target', p.target, 'by', p.paused_by, 'ramp', p_ramp::text));
        update relink.pauses u set lifted_at = instant, lifted_by = who, ramp_until = instant + p_ramp where u.id = p.id;
        return query select p.id, p.scope, p.target, p.paused_by;
    end loop;
    if lifted = 0 and p_pause is null then
        raise exception 'pause: nobody pauses % %', p_scope, p_target using errcode = 'P0002';
    elsif lifted = 0 then
        select * into p from relink.pauses q where q.id = p_pause;
        if not found then
            raise exception 'pause: there is no pause %', p_pause using errcode = 'P0002';
        end if;
        raise exception 'pause: % is over: %', p_pause, case when p.lifted_by is null then 'it ended by itself at ' || p.ends_at
            else 'lifted by ' || p.lifted_by || ' at ' || p.lifted_at end using errcode = '55000';
    end if;
    perform pg_notify('relink_jobs', '');
end $$;

revoke all on function relink.pauses_over(text, text, uuid, uuid, boolean, uuid, timestamptz), relink.autoscaler_age(text),
    relink.guard_pause(), relink.check_pause_target(text, text, text[], text[]),
    relink.pause_work(text, uuid, uuid, text, text, text, interval, text[], text[], text),
    relink.resume_work(text, uuid, uuid, text, text, interval, text) from public;
grant execute on function relink.pauses_over(text, text, uuid, uuid, boolean, uuid, timestamptz), relink.autoscaler_age(text)
    to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant execute on function relink.pause_work(text, uuid, uuid, text, text, text, interval, text[], text[], text),
    relink.resume_work(text, uuid, uuid, text, text, interval, text) to relink_operator;
