-- R-Q-3. A dead letter keeps its row, its id and its cause: whoever drives it again runs that very job, whose effect is
-- guarded by the same keys as before, and the history of its attempts goes on.

-- Locks the jobs, all of which must be dead; an error names one that is not.
create function relink.lock_dead(p_jobs uuid[]) returns uuid[]
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    wanted bigint := (select count(distinct w.id) from unnest(p_jobs) as w(id));
    locked uuid[];
    odd record;
begin
    if wanted = 0 then
        raise exception 'jobs: there is none' using errcode = 'P0002';
    elsif wanted > 10000 then
        raise exception 'jobs: at most 10000 at once, not %', wanted using errcode = '22023';
    end if;
    select array_agg(d.id) into locked
      from (select j.id from relink.jobs j where j.id = any (p_jobs) and j.state = 'dead' order by j.id for update) d;
    if cardinality(locked) is distinct from wanted then
        select w.id, j.state into odd from unnest(p_jobs) as w(id) left join relink.jobs j on j.id = w.id
         where j.state is distinct from 'dead' order by w.id limit 1;
        if odd.state is null then
            raise exception 'job: there is no job %', odd.id using errcode = 'P0002';
        end if;
        raise exception 'job: % is %, not dead', odd.id, odd.state using errcode = '55000';
    end if;
    return locked;
end $$;

-- What both acts write beside the jobs: one audit row that names them all, and the alerts that named them are read.
create function relink.note_dead(p_audit uuid, p_actor text, p_action text, p_jobs uuid[], p_detail jsonb, p_reason text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    perform relink.note_operation(p_audit, p_actor, p_action, case when cardinality(p_jobs) = 1 then p_jobs[1]::text else '' end,
        p_reason, p_detail || jsonb_build_object('count', cardinality(p_jobs), 'jobs', to_jsonb(p_jobs)));
    update relink.admin_alerts a set acked_at = relink.clock(), acked_by = p_actor
      from relink.jobs j
     where j.id = any (p_jobs) and a.code = 'dead_letter' and a.subject = j.kind || ' ' || j.id and a.acked_at is null;
end $$;

-- Waiting again, with all attempts of its kind before it; spread evenly over p_spread. Its attempt number goes on, which
-- fences any run that is still about.
create function relink.redrive_jobs(p_token text, p_audit uuid, p_jobs uuid[], p_filter jsonb, p_spread interval, p_reason text)
    returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    locked uuid[] := relink.lock_dead(p_jobs);
begin
    perform relink.note_dead(p_audit, who, 'dead.redrive', locked,
        jsonb_build_object('filter', p_filter, 'spread', p_spread::text), p_reason);
    update relink.jobs j
       set state = 'waiting', failures = 0, redriven = j.attempt, finished_at = null, left_at = null,
           run_at = instant + coalesce(p_spread, interval '0') * ((d.nth - 1)::double precision / cardinality(locked))
      from unnest(locked) with ordinality as d(id, nth)
     where j.id = d.id;
    perform pg_notify('relink_jobs', '');
    return cardinality(locked);
end $$;

-- Given up for good, and kept: the row and its history stay.
create function relink.discard_jobs(p_token text, p_audit uuid, p_jobs uuid[], p_filter jsonb, p_reason text) returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    locked uuid[] := relink.lock_dead(p_jobs);
begin
    perform relink.note_dead(p_audit, who, 'dead.discard', locked, jsonb_build_object('filter', p_filter), p_reason);
    update relink.jobs j set state = 'discarded' where j.id = any (locked);
    return cardinality(locked);
end $$;

create index operator_audit_of_dead on relink.operator_audit using gin ((detail -> 'jobs')) where action like 'dead.%';

revoke all on function relink.lock_dead(uuid[]), relink.note_dead(uuid, text, text, uuid[], jsonb, text),
    relink.redrive_jobs(text, uuid, uuid[], jsonb, interval, text), relink.discard_jobs(text, uuid, uuid[], jsonb, text) from public;
grant execute on function relink.redrive_jobs(text, uuid, uuid[], jsonb, interval, text),
    relink.discard_jobs(text, uuid, uuid[], jsonb, text) to relink_operator;
