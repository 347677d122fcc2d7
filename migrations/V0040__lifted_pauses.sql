-- Jobs that were rung for before a pause, and found paused by their worker, are rung for again as soon as it is lifted,
-- however short it was (R-Q-1): the relay takes them for rung otherwise, and waits for its patience to end. So it is told.

-- Lifts one pause by its id, or all over exactly one scope and target; each has its audit row, the first has p_audit.
create or replace function relink.resume_work(p_token text, p_audit uuid, p_pause uuid, p_scope text, p_target text, p_ramp interval,
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
    perform pg_notify('relink_jobs', 'lifted');
end $$;
