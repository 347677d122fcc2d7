-- R-RES-1: a restored copy of the database does nothing outward until a person adopts it.

-- The number that the leader raises, and what it was last compared for. Its twin is the message of the broker's queue
-- `relink.witness`, which the living leader holds (policy::witness).
create table relink.witness (
    only_row    boolean primary key default true check (only_row),
    number      bigint not null default 0 check (number >= 0),
    -- Drawn with the newest numbers, the newest first: two databases that raised to one number differ here.
    marks       uuid[] not null default '{}',
    -- Null: never yet, and nothing is refused.
    raised_at   timestamptz,
    -- The cluster that the number was last raised in (`pg_control_system`): another one's rows came here as a dump.
    cluster     text,
    -- The start of the server and the database that the last comparison spoke for (`relink.server_start`).
    vouched_for text,
    -- Since when this is known to be a copy, and what told so.
    copy_since  timestamptz,
    copy_why    text,
    -- A person adopted it; the leader has yet to write that into the broker.
    is_adopting boolean not null default false,
    constraint a_copy_says_why check ((copy_since is null) = (copy_why is null))
);
insert into relink.witness default values;

create function relink.keep_witness() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    if tg_op = 'DELETE' then
        raise exception 'the row of the witness stays' using errcode = '42501';
    elsif new.number < old.number then
        raise exception 'the number of the witness is only raised: % is less than %', new.number, old.number using errcode = '23514';
    end if;
    return new;
end $$;
create trigger keep_witness before update or delete on relink.witness for each row execute function relink.keep_witness();
create trigger no_truncate before truncate on relink.witness execute function relink.refuse();
alter table relink.witness enable always trigger keep_witness, enable always trigger no_truncate;

-- Names this start of this server and this database of it. A copy's server was started by itself, and a dump is another database.
create function relink.server_start() returns text
    language sql stable set search_path = pg_catalog, pg_temp
    as $$ select (select d.oid from pg_database d where d.datname = current_database()) || ' '
               || extract(epoch from pg_postmaster_start_time()) $$;

-- Whether this database may act outward: its number was compared since the server started, and it is no copy.
create function relink.is_original() returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select coalesce((select w.copy_since is null and not w.is_adopting
                                  and (w.raised_at is null or w.vouched_for = relink.server_start())
                             from relink.witness w), false) $$;

-- Refuses what acts outward, as something that passes: a leader compares within seconds, and a copy is adopted or thrown away.
create function relink.demand_original() returns void
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    if not relink.is_original() then
        raise exception 'this database does nothing outward: %',
            coalesce((select 'it is a restored copy until it is adopted (' || w.copy_why || ')' from relink.witness w
                       where w.copy_since is not null),
                     'no scheduler has compared it with its witness since the server started')
            using errcode = '57R01', hint = 'relink doctor; relink adopt';
    end if;
end $$;

-- Refuses the step that acts outward, whoever takes it.
create function relink.only_original() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    perform relink.demand_original();
    return new;
end $$;
create trigger only_original before update of state on relink.sends
    for each row when (new.state = 'sending' and old.state <> 'sending') execute function relink.only_original();
create trigger only_original before update of state on relink.restarts
    for each row when (new.state = 'calling' and old.state <> 'calling') execute function relink.only_original();
create trigger only_original before update of state on relink.notices
    for each row when (new.state = 'sending' and old.state <> 'sending') execute function relink.only_original();
create trigger only_original before insert on relink.link_attempts for each row execute function relink.only_original();
alter table relink.sends enable always trigger only_original;
alter table relink.restarts enable always trigger only_original;
alter table relink.notices enable always trigger only_original;
alter table relink.link_attempts enable always trigger only_original;

-- As in V0011, and no removal is permitted or called by a copy.
create or replace function relink.guard_removal() returns trigger
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
        perform relink.demand_original();
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

-- Webhooks are registered with the provider by an operator, after this (R-AUD-4), and not for a copy.
create or replace function relink.note_webhooks(p_token text, p_audit uuid, p_sources text[], p_reason text) returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    perform relink.demand_original();
    perform relink.note_operation(p_audit, relink.operator_of(p_token, 'operate'), 'webhooks.register',
                                  array_to_string(p_sources, ','), p_reason, jsonb_build_object('sources', p_sources));
    return cardinality(p_sources);
end $$;

-- What the leader knows of this database, and whether it is time to raise its number.
create function relink.look_at_witness() returns table (
    number bigint, marks uuid[], raised_at timestamptz, is_here boolean, is_of_cluster boolean, copy_why text, is_adopting boolean)
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select w.number, w.marks, w.raised_at, w.vouched_for is not distinct from relink.server_start(),
                 w.cluster is not distinct from (select c.system_identifier::text from pg_control_system() c),
                 w.copy_why, w.is_adopting
            from relink.witness w $$;

-- Raises the number to p_number, with its mark, or leaves it there, and vouches for this start of the server.
create function relink.raise_witness(p_number bigint, p_mark uuid) returns void
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
update relink.witness w
   set number = p_number, marks = case when w.number = p_number then w.marks else (p_mark || w.marks)[1:3] end, raised_at = relink.clock(), vouched_for = relink.server_start(),
       cluster = (select c.system_identifier::text from pg_control_system() c), is_adopting = false
$$;

-- Says that this database is a copy, and holds everything back, each once. Whether that is news.
create function relink.declare_copy(p_pause uuid, p_why text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    instant timestamptz := relink.clock();
    w relink.witness;
begin
    perform pg_advisory_xact_lock(7265, 1);
    if not exists (select from relink.pauses p
                    where p.origin = 'system' and p.scope = 'everything' and p.paused_by = 'witness' and p.lifted_at is null) then
        insert into relink.pauses (id, scope, target, mode, origin, paused_at, paused_by, why)
        values (p_pause, 'everything', '', 'hold', 'system', instant, 'witness',
                'a restored copy of the database, until it is adopted: ' || p_why);
    end if;
    select * into strict w from relink.witness for update;
    update relink.witness set copy_since = coalesce(w.copy_since, instant), copy_why = p_why, is_adopting = false;
    return w.copy_since is null;
end $$;

-- R-RES-1: a person says that this copy is the fleet's database from now on.
create function relink.adopt_database(p_token text, p_audit uuid, p_ramp interval, p_reason text) returns timestamptz
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    w relink.witness;
begin
    if p_ramp <= interval '0' then
        raise exception 'ramp: it lasts longer than nothing' using errcode = '22023';
    end if;
    select * into strict w from relink.witness for update;
    if w.copy_since is null then
        raise exception 'database: it is no restored copy, and needs no adoption' using errcode = '55000';
    end if;
    perform relink.note_operation(p_audit, who, 'database.adopt', '', p_reason, jsonb_build_object(
        'copy_since', w.copy_since, 'why', w.copy_why, 'number', w.number, 'ramp', p_ramp::text));
    update relink.witness set copy_since = null, copy_why = null, is_adopting = true;
    update relink.pauses p set lifted_at = instant, lifted_by = who, ramp_until = instant + p_ramp
     where p.origin = 'system' and p.scope = 'everything' and p.paused_by = 'witness' and p.lifted_at is null;
    perform pg_notify('relink_jobs', '');
    return w.copy_since;
end $$;

revoke all on all functions in schema relink from public;
grant select on relink.witness to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant execute on function relink.is_original(), relink.demand_original(), relink.server_start()
    to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant execute on function relink.look_at_witness(), relink.raise_witness(bigint, uuid), relink.declare_copy(uuid, text)
    to relink_scheduler;
grant execute on function relink.adopt_database(text, uuid, interval, text) to relink_operator;
