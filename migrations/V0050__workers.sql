-- R-JOB-4: the death of a worker is noticed before the leases of what it had in hand end. Each worker renews a row; the
-- leader takes over from one whose row stays as it was for fifteen seconds of the leader's own stopwatch.

-- Workers that live, and for an hour those that fell silent. Builds before it have none: their leases end by the clock.
create table relink.workers (
    -- Fresh for each start of a process, as in jobs.leased_by.
    name       text primary key check (name <> ''),
    queues     text[] not null,
    build      text not null check (build <> ''),
    started_at timestamptz not null,
    -- For people. Nobody is judged by a clock, which may jump: only by whether `beats` changes.
    seen_at    timestamptz not null,
    beats      bigint not null,
    -- When its leases were given to others; null again once it is heard.
    lost_at    timestamptz
) with (fillfactor = 50);

-- Forgets workers that were heard so often and no more: one that ends well forgets itself, the leader those long gone.
create function relink.forget_workers(p_names text[], p_beats bigint[]) returns bigint
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
with forgotten as (
    delete from relink.workers w
     using unnest(p_names, p_beats) as f(name, beats)
     where w.name = f.name and w.beats = f.beats
    returning w.name
)
select count(*) from forgotten
$$;

revoke all on relink.workers from public;
revoke all on all functions in schema relink from public;
grant select on relink.workers to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant insert, update on relink.workers to relink_worker;
grant update (lost_at) on relink.workers to relink_scheduler;
grant execute on function relink.forget_workers(text[], bigint[]) to relink_worker, relink_scheduler;
