-- R-WAT-5: a duty that ran and could decide nothing has not succeeded.

-- Duties: every schedule, and what is done without one. Schedulers declare them and note what rows tell of them; jobs that
-- may decide nothing say so themselves. What it all means is policy's (`policy::duties`).
create table relink.duties (
    duty          text primary key,
    every_s       bigint not null check (every_s > 0),
    -- Kinds of job that it needs, each with its queue: while a pause covers one, nobody expects anything.
    queues        text[] not null,
    kinds         text[] not null check (cardinality(kinds) > 0 and cardinality(kinds) = cardinality(queues)),
    -- Nothing was expected before: first declared, last paused, last without anything to do.
    counted_from  timestamptz not null,
    conclusive_at timestamptz,
    tried_at      timestamptz,
    -- Times in a row that it could decide nothing, and why the last time.
    inconclusive  integer not null default 0 check (inconclusive >= 0),
    note          text check ((note is null) = (inconclusive = 0)),
    alerted_at    timestamptz
) with (fillfactor = 50);

-- Whether a pause holds a duty back at an instant: one over a kind that it needs, whether or not a job of that waits, or one
-- whose ramp has not let go of a job of its run.
create function relink.duty_held(p_duty text, p_queues text[], p_kinds text[], p_at timestamptz) returns boolean
    language sql stable
    as $$
    select exists (select from unnest(p_queues, p_kinds) as k(queue, kind)
                    cross join lateral relink.pauses_over(p_queue => k.queue, p_kind => k.kind,
                        p_workspace => '00000000-0000-0000-0000-000000000000', p_account => null, p_started => false,
                        p_job => null, p_at => p_at))
        or exists (select from relink.jobs j
                    where j.schedule = p_duty and j.state = 'waiting'
                      and exists (select from relink.pauses_over(p_queue => j.queue, p_kind => j.kind,
                                      p_workspace => j.workspace_id, p_account => j.account_id,
                                      p_started => j.attempt > j.redriven, p_job => j.id, p_at => p_at)))
$$;

-- An act that was refused is told (R-DEL-5): under one code where a token was misused, under another where a person mistyped
-- what only removals want a row of. Builds before this one call note_refused_act, which knows only the first.
create function relink.tell_refused_act(p_token text, p_act text, p_why text, p_code text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := 'nobody: the token is not good';
begin
    if p_code <> all (array['operator_refused', 'removal_act_refused']) then
        raise exception 'code: % is not of a refused act', p_code using errcode = '22023';
    end if;
    begin
        who := relink.operator_of(p_token, null);
    exception when invalid_authorization_specification then null;
    end;
    perform relink.raise_alert(p_code, left(p_act, 200),
        jsonb_build_object('who', who, 'why', left(p_why, 1000), 'login', session_user), relink.clock());
end $$;

grant select on relink.duties to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant insert, update on relink.duties to relink_scheduler;
grant update (conclusive_at, tried_at, inconclusive, note) on relink.duties to relink_worker;
revoke all on function relink.duty_held(text, text[], text[], timestamptz), relink.tell_refused_act(text, text, text, text) from public;
grant execute on function relink.duty_held(text, text[], text[], timestamptz)
    to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant execute on function relink.tell_refused_act(text, text, text, text) to relink_operator;
