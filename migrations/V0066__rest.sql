-- A queue in which nothing is due and nothing changes is not walked again and again: the walk says when the first job of each
-- lane comes due. Builds of before name the columns that they read, and do not miss this one.
drop function relink.look_at_lanes(text, uuid, text, timestamptz, integer, integer);

-- Walks lanes of a queue in the order of their index, at most p_lanes of them from behind one on (nulls: from the first), and
-- counts in each what is due, what comes due later and what a pause covers, as relink.pauses_over has it; a test holds the
-- two together. Of each of the three at most p_rows in all are counted, after that one in each lane: a sum of p_rows or more is
-- a lower bound. A lane that is held as a whole is not read row by row; of all that are held in part, by an account's pause or
-- a ramp, p_rows are read, fewer while each must be held against many pauses; is_cut: more of this one was left unread, and
-- may be any of the three; next_at: when the lane's first job comes due, where none of it is yet. Plans are kept, and never
-- scan the table, however old its statistics.
create function relink.look_at_lanes(p_queue text, p_workspace uuid, p_kind text, p_at timestamptz, p_lanes integer, p_rows integer)
    returns table (workspace_id uuid, kind text, due integer, later integer, paused integer, due_since timestamptz,
                   paused_since timestamptz, is_cut boolean, next_at timestamptz)
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
        next_at := case when lane.run_at > p_at and isfinite(lane.run_at) then lane.run_at end;
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

revoke all on all functions in schema relink from public;
grant execute on function relink.look_at_lanes(text, uuid, text, timestamptz, integer, integer)
    to relink_worker, relink_scheduler, relink_reader, relink_operator;
