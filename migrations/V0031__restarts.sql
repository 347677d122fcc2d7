-- Restarts of sessions that the provider stopped (R-LNK-8), and who brought an account back (R-ANA-1).

-- One restart of one session: written down and committed before the call, its end after it. It is a record, and grows by
-- seven rows in the first four hours of an account that is `recovering`, and four a day after that.
create table relink.restarts (
    account_id uuid not null references relink.accounts,
    id         uuid not null,
    -- The `status_version` since which the account is `recovering`.
    version    bigint not null,
    -- Rung of the ladder, from 1; 0 where an operator asked.
    rung       integer not null check (rung >= 0),
    session_id text not null,
    state      text not null default 'reserved'
               check (state in ('reserved', 'calling', 'restarted', 'refused', 'not_sent', 'unknown', 'withdrawn')),
    reserved_at timestamptz not null,
    called_at  timestamptz,
    settled_at timestamptz,
    -- The provider's codes, or ours; names nobody (R-AUD-5).
    code       text not null default '',
    primary key (account_id, id),
    constraint called_before_it_ends check (state in ('reserved', 'withdrawn') or called_at is not null)
);
-- A rung is tried once.
create unique index restarts_of_a_rung on relink.restarts (account_id, version, rung) where rung > 0;
create index restarts_in_flight on relink.restarts (called_at) where state = 'calling';

-- Whatever changes a restart follows these lines: a call is begun once, and ends once (policy::restarts::RestartState).
create function relink.step_restart() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    if tg_op = 'DELETE' then
        raise exception 'restart % stays', old.id using errcode = '42501';
    elsif (new.account_id, new.id, new.version, new.rung, new.session_id)
          is distinct from (old.account_id, old.id, old.version, old.rung, old.session_id) then
        raise exception 'restart % keeps what it is about', old.id using errcode = '23514';
    elsif new.state <> old.state and not (case old.state
        when 'reserved' then new.state in ('calling', 'withdrawn')
        when 'calling' then new.state in ('restarted', 'refused', 'not_sent', 'unknown')
        else false end) then
        raise exception 'restart %: % does not become %', old.id, old.state, new.state using errcode = '23514';
    end if;
    return new;
end $$;
create trigger step_restart before update or delete on relink.restarts for each row execute function relink.step_restart();
alter table relink.restarts enable always trigger step_restart;

-- The lock of the fleet's bound: whoever takes places holds it until the transaction ends.
create table relink.restart_budget (
    only_row boolean primary key default true check (only_row),
    taken_at timestamptz not null default '-infinity'
);
insert into relink.restart_budget default values;

-- Places of a minute that are taken: of the fleet under the nil UUID, and of each workspace. A minute's row is written anew
-- by the same minute of a later day, so there are 1,440 for each at most.
create table relink.restart_places (
    minute_of_day smallint not null check (minute_of_day between 0 and 1439),
    workspace_id  uuid not null,
    -- Minutes since the epoch.
    minute        bigint not null,
    taken         integer not null check (taken > 0),
    primary key (workspace_id, minute_of_day)
);

-- What restarts read and write, whatever the size of the fleet.
create index accounts_recovering on relink.accounts (shard, id) where status = 'recovering';
create index jobs_of_restarts on relink.jobs (account_id, run_at)
    where kind = 'sessions.recover' and state in ('waiting', 'leased');

-- R-ANA-1: who brought the account back; null while it is not, after a disconnect, and in episodes that ended before this.
alter table relink.episodes add column returned_by text check (returned_by in ('restart', 'provider', 'owner', 'operator'));
create index episodes_returned on relink.episodes (ended_at) where returned_by is not null;

-- An operator asks for a restart now, beside the ladder and inside the fleet's bound; returns the account's version, which the
-- job names.
create function relink.restart_account(p_token text, p_audit uuid, p_account uuid, p_reason text)
    returns table (workspace_id uuid, version bigint)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    a relink.accounts;
    seen text;
begin
    select o.* into a from relink.accounts o where o.id = p_account for no key update;
    if not found then
        raise exception 'there is no account %', p_account using errcode = 'P0002';
    elsif a.status <> 'recovering' then
        raise exception 'status: the account is %, and only a recovering one is restarted: %', a.status, case a.status
            when 'connected' then 'nothing is wrong with it'
            when 'connecting' then 'its owner is linking it'
            when 'disconnected' then 'its owner disconnected it'
            when 'missing' then 'its session is gone'
            else 'what it lacks only its owner can give' end using errcode = '55000';
    end if;
    select s.health into seen from relink.sessions_seen s where s.session_id = a.session_id;
    if seen is null or seen not in ('error', 'stopped', 'connecting') then
        raise exception 'session: it says %, and only error, stopped or connecting is mended by a restart',
            coalesce(seen, 'nothing') using errcode = '55000';
    elsif exists (select from relink.account_holds h
                   where h.account_id = a.id and h.reason = 'wrong_account' and h.ended_at is null) then
        raise exception 'session: another person is behind it' using errcode = '55000';
    elsif exists (select from relink.link_attempts k
                   where k.account_id = a.id and k.closed_at is null and k.link_ends_at + interval '4 minutes' > instant) then
        raise exception 'attempt: its owner is linking it' using errcode = '55000';
    elsif exists (select from relink.jobs j
                   where j.account_id = a.id and j.kind = 'sessions.recover' and j.state in ('waiting', 'leased')
                     and j.payload ->> 'by_operator' is not null) then
        raise exception 'restart: one was asked for and is on its way' using errcode = '55000';
    end if;
    perform relink.note_operation(p_audit, who, 'account.restart', p_account::text, p_reason,
        jsonb_build_object('session', a.session_id, 'says', seen, 'since', a.status_since));
    return query select a.workspace_id, a.status_version;
end $$;

revoke all on relink.restarts, relink.restart_budget, relink.restart_places from public;
grant select on relink.restarts, relink.restart_budget, relink.restart_places
    to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant insert (account_id, id, version, rung, session_id, reserved_at), update (state, reserved_at, called_at, settled_at, code)
    on relink.restarts to relink_worker;
grant update on relink.restart_budget to relink_worker;
grant insert, update on relink.restart_places to relink_worker;
grant update (returned_by) on relink.episodes to relink_worker;
revoke all on function relink.step_restart(), relink.restart_account(text, uuid, uuid, text) from public;
grant execute on function relink.restart_account(text, uuid, uuid, text) to relink_operator;
