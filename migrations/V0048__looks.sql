-- Looks that count do not grow with the backlog: they hop over lanes, the waiting jobs of one kind of one workspace, and read
-- a bounded number of rows. Beyond that a count says `at least`.

-- Jobs that a worker left (R-JOB-5), those that have started once (R-Q-1) or failed, dead letters: few beside what waits. A
-- job that never failed has no entry in any of these, so they cost the path of jobs nothing.
create index jobs_left on relink.jobs (kind, version, left_at) where state = 'waiting' and left_at is not null;
create index jobs_started on relink.jobs (queue, workspace_id, kind, run_at)
    where state = 'waiting' and (attempt > redriven or failures > 0);
create index jobs_dead_of_queue on relink.jobs (queue, kind, finished_at) where state = 'dead';
create index jobs_dead_of_workspace on relink.jobs (workspace_id, finished_at) where state = 'dead';
create index jobs_dead_of_account on relink.jobs (account_id, finished_at) where state = 'dead' and account_id is not null;
create index jobs_dead_of_schedule on relink.jobs (finished_at) where state = 'dead' and schedule is not null;
-- One job of sixteen that was done, to say how many are done in a second where a table is too large to be read for it.
create index jobs_done_sampled on relink.jobs (finished_at)
    where state = 'done' and (uuid_hash_extended(id, 0) & 15) = 0;

-- What the leader's last lap over all lanes of a queue found, for those who cannot walk that far.
create table relink.queue_depths (
    queue     text not null,
    kind      text not null,
    due       integer not null check (due >= 0),
    later     integer not null check (later >= 0),
    paused    integer not null check (paused >= 0),
    -- The three are no more than a lower bound.
    is_more   boolean not null,
    -- Since when the oldest due job waited that no pause covered, in seconds at `looked_at`; null without one.
    due_age_s double precision check (due_age_s >= 0),
    looked_at timestamptz not null,
    primary key (queue, kind)
) with (fillfactor = 50);

-- Waiting jobs of a lane that come due from one instant to another, both included: one more than p_limit at most. Its settings
-- are those of look_at_lanes, which calls it.
create function relink.count_lane(p_queue text, p_workspace uuid, p_kind text, p_from timestamptz, p_until timestamptz,
                                  p_limit integer)
    returns integer
    language plpgsql stable
    as $$ begin
    return (select count(*)
              from (select from relink.jobs j
                     where j.queue = p_queue and j.workspace_id = p_workspace and j.kind = p_kind and j.state = 'waiting'
                       and j.run_at between p_from and p_until
                     limit p_limit + 1) r);
end $$;

-- Counts a lane that pauses hold in part, row by row: at most p_rows of it, or, with none left to read, whether one of its
-- first twenty due ones is free. Of a lane that drains only what has started can be free, and only that is read. Its settings are
-- those of look_at_lanes, which calls it.
create function relink.look_into_lane(p_queue text, p_workspace uuid, p_kind text, p_at timestamptz, p_rows integer,
                                      p_is_drained boolean, p_held_accounts uuid[], p_is_soft boolean)
    returns table (seen integer, due integer, later integer, paused integer, due_since timestamptz, paused_since timestamptz)
    language plpgsql stable
    as $$ begin
    return query
    with picked as not materialized (
        (select j.id, j.run_at, j.account_id, j.attempt, j.redriven
           from relink.jobs j
          where not p_is_drained and j.queue = p_queue and j.workspace_id = p_workspace and j.kind = p_kind
            and j.state = 'waiting'
          order by j.run_at
          limit greatest(p_rows, 20))
        union all
        (select j.id, j.run_at, j.account_id, j.attempt, j.redriven
           from relink.jobs j
          where p_is_drained and j.queue = p_queue and j.workspace_id = p_workspace and j.kind = p_kind
            and j.state = 'waiting' and j.attempt > j.redriven
          order by j.run_at
          limit greatest(p_rows, 20))
    ), judged as not materialized (
        select s.run_at,
               case when s.account_id = any (p_held_accounts) then false
                    when not p_is_soft then true
                    else not exists (select from relink.pauses_over(
                             p_queue => p_queue, p_kind => p_kind, p_workspace => p_workspace, p_account => s.account_id,
                             p_started => s.attempt > s.redriven, p_job => s.id, p_at => p_at)) end as is_free
          from picked s
        -- Judged once a row, not once a column.
        offset 0
    ), first_free as (
        select f.run_at from (select r.run_at, r.is_free from judged r where r.run_at <= p_at and isfinite(r.run_at) offset 0) f
         where p_rows = 0 and f.is_free limit 1
    )
    select count(*)::integer, count(*) filter (where r.is_free and r.run_at <= p_at)::integer,
           count(*) filter (where r.is_free and r.run_at > p_at)::integer, count(*) filter (where not r.is_free)::integer,
           min(r.run_at) filter (where r.is_free and r.run_at <= p_at and isfinite(r.run_at)),
           min(r.run_at) filter (where not r.is_free and r.run_at <= p_at and isfinite(r.run_at))
      from judged r where p_rows > 0
    having p_rows > 0
    union all
    select 20, count(*)::integer, 0, 0, min(f.run_at), null from first_free f having p_rows = 0;
end $$;

-- Walks lanes of a queue in the order of their index, at most p_lanes of them from behind one on (nulls: from the first), and
-- counts in each what is due, what comes due later and what a pause covers, as relink.pauses_over has it; a test holds the
-- two together. Of each of the three at most p_rows in all are counted, after that one in each lane: a sum of p_rows or more is
-- a lower bound. A lane that is held as a whole is not read row by row; of all that are held in part, by an account's pause or
-- a ramp, p_rows are read, fewer while each must be held against many pauses; is_cut: more of this one was left unread, and
-- may be any of the three. Plans are kept, and never scan the table, however old its statistics.
create function relink.look_at_lanes(p_queue text, p_workspace uuid, p_kind text, p_at timestamptz, p_lanes integer, p_rows integer)
    returns table (workspace_id uuid, kind text, due integer, later integer, paused integer, due_since timestamptz,
                   paused_since timestamptz, is_cut boolean)
    language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
    as $$
#variable_conflict use_column
declare
    sets record;
    lane record;
    inside record;
    at_workspace uuid := coalesce(p_workspace, '00000000-0000-0000-0000-000000000000');
    at_kind text := coalesce(p_kind, '');
    left_due integer := p_rows;
    left_later integer := p_rows;
    left_paused integer := p_rows;
    left_inside integer;
    is_drained boolean;
    oldest timestamptz;
begin
    select coalesce(bool_or(p.is_hold and p.is_wide), false) as is_held,
           coalesce(array_agg(p.target) filter (where p.is_hold and p.scope = 'kind'), '{}') as held_kinds,
           coalesce(array_agg(p.target) filter (where p.is_hold and p.scope = 'workspace'), '{}') as held_workspaces,
           coalesce(array_agg(p.target::uuid) filter (where p.is_hold and p.scope = 'account'), '{}')::uuid[] as held_accounts,
           coalesce(bool_or(p.is_drain and p.is_wide), false) as is_drained,
           coalesce(array_agg(p.target) filter (where p.is_drain and p.scope = 'kind'), '{}') as drained_kinds,
           coalesce(array_agg(p.target) filter (where p.is_drain and p.scope = 'workspace'), '{}') as drained_workspaces,
           -- What can hold one job of a lane and not the next.
           coalesce(bool_or(p.scope = 'account' or p.is_ramp and p.is_wide), false) as is_in_part,
           coalesce(array_agg(p.target) filter (where p.is_ramp and p.scope in ('kind', 'workspace')), '{}') as ramps,
           coalesce(bool_or(not p.is_hold), false) as is_soft, count(*)::integer as pauses
      into sets
      from (select q.scope, q.target, q.lifted_at is null and q.mode = 'hold' as is_hold,
                   q.lifted_at is null and q.mode = 'drain' as is_drain, q.lifted_at is not null as is_ramp,
                   q.scope = 'everything' or q.scope = 'queue' and q.target = p_queue as is_wide
              from relink.pauses q
             -- An id in other letters than the database's own holds nobody.
             where q.over_at > p_at and (q.scope <> 'account' or q.target ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')) p;
    left_inside := case when sets.is_soft then least(p_rows, 200000 / sets.pauses) else p_rows end;
    for number in 1 .. p_lanes loop
        select j.workspace_id, j.kind, j.run_at, j.account_id into lane
          from relink.jobs j
         where j.queue = p_queue and j.state = 'waiting' and (j.workspace_id, j.kind) > (at_workspace, at_kind)
         order by j.workspace_id, j.kind, j.run_at
         limit 1;
        exit when not found;
        at_workspace := lane.workspace_id;
        at_kind := lane.kind;
        oldest := lane.run_at;
        if not isfinite(oldest) then
            select min(j.run_at) into oldest
              from relink.jobs j
             where j.queue = p_queue and j.workspace_id = lane.workspace_id and j.kind = lane.kind and j.state = 'waiting'
               and j.run_at > '-infinity';
        end if;
        oldest := case when oldest <= p_at then oldest end;
        workspace_id := lane.workspace_id;
        kind := lane.kind;
        due := 0;
        later := 0;
        paused := 0;
        due_since := null;
        paused_since := null;
        is_cut := false;
        is_drained := sets.is_drained or lane.kind = any (sets.drained_kinds)
            or lane.workspace_id::text = any (sets.drained_workspaces);
        if sets.is_held or lane.kind = any (sets.held_kinds) or lane.workspace_id::text = any (sets.held_workspaces) then
            paused := case when left_paused = 0 then 1 else
                relink.count_lane(p_queue, lane.workspace_id, lane.kind, '-infinity', 'infinity', left_paused) end;
            paused_since := oldest;
        elsif is_drained or sets.is_in_part or lane.kind = any (sets.ramps) or lane.workspace_id::text = any (sets.ramps) then
            if left_inside = 0 and not is_drained and lane.run_at > p_at then
                later := 1;
                is_cut := true;
            elsif left_inside = 0 and not sets.is_soft and isfinite(lane.run_at)
                and (lane.account_id = any (sets.held_accounts)) is not true then
                due := 1;
                due_since := oldest;
                is_cut := true;
            else
                select * into inside
                  from relink.look_into_lane(p_queue, lane.workspace_id, lane.kind, p_at, left_inside, is_drained,
                                             sets.held_accounts, sets.is_soft);
                due := inside.due;
                later := inside.later;
                paused := inside.paused;
                due_since := inside.due_since;
                paused_since := inside.paused_since;
                is_cut := inside.seen >= greatest(left_inside, 20);
                left_inside := greatest(left_inside - inside.seen, 0);
            end if;
            if is_drained then
                paused := relink.count_lane(p_queue, lane.workspace_id, lane.kind, '-infinity', 'infinity',
                                            left_paused + due + later);
                paused := greatest(paused - due - later, 0);
                paused_since := case when paused > 0 then oldest end;
            end if;
        else
            due_since := oldest;
            if lane.run_at <= p_at then
                due := case when left_due = 0 then 1 else
                    relink.count_lane(p_queue, lane.workspace_id, lane.kind, '-infinity', p_at, left_due) end;
            end if;
            if left_later > 0 then
                later := relink.count_lane(p_queue, lane.workspace_id, lane.kind, p_at + interval '1 microsecond', 'infinity',
                                           left_later);
            elsif lane.run_at > p_at then
                later := 1;
            end if;
        end if;
        left_due := greatest(left_due - due, 0);
        left_later := greatest(left_later - later, 0);
        left_paused := greatest(left_paused - paused, 0);
        return next;
    end loop;
end $$;

-- How long the oldest job waits that a worker could start now, in seconds: for the autoscaler. What is paused is no work, or
-- a pause would scale the fleet out. Exact as far as a look walks, 1000 lanes; of those behind them, what the leader last
-- found, which grows by itself once the leader has been silent for a minute of the machine.
create or replace function relink.autoscaler_age(p_queue text) returns double precision
    language plpgsql stable set search_path = pg_catalog, pg_temp
    as $$
declare
    instant timestamptz := relink.clock();
    lanes bigint;
    age double precision;
begin
    select count(*), coalesce(max(extract(epoch from instant - l.due_since)), 0) into lanes, age
      from relink.look_at_lanes(p_queue => p_queue, p_workspace => null, p_kind => null, p_at => instant, p_lanes => 1000,
                                p_rows => 0) l;
    if lanes < 1000 then
        return age;
    end if;
    return greatest(age, (
        select max(d.due_age_s + greatest(extract(epoch from instant - d.looked_at) - 60 * relink.clock_rate(), 0))
          from relink.queue_depths d
         where d.queue = p_queue and d.due_age_s is not null
           and not exists (select from relink.pauses_over(p_queue => p_queue, p_kind => d.kind, p_workspace => null,
                                                          p_account => null, p_started => false, p_job => null,
                                                          p_at => instant))));
end $$;

revoke all on relink.queue_depths from public;
revoke all on all functions in schema relink from public;
grant select on relink.queue_depths to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant insert, update on relink.queue_depths to relink_scheduler;
grant execute on function relink.look_at_lanes(text, uuid, text, timestamptz, integer, integer),
    relink.look_into_lane(text, uuid, text, timestamptz, integer, boolean, uuid[], boolean),
    relink.count_lane(text, uuid, text, timestamptz, timestamptz, integer)
    to relink_worker, relink_scheduler, relink_reader, relink_operator;
