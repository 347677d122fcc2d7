-- A run of the status watch writes what it reads into a table of its own, is held against the whole fleet in one join, and
-- carries over what changed. In `sessions_seen`, `slot` and `seen_at` are of the last change from here on; a session exists
-- until a complete list proves it absent (`gone_slot`). Builds before this one see only what changed, and so do less.

alter table relink.sessions_seen
    -- Hash of all that a list says of it; null in rows of earlier builds, which the next run writes anew.
    add column fingerprint bigint,
    -- Run whose complete list did not hold it; null while it exists.
    add column gone_slot timestamptz,
    -- No account had it when a run last looked. Whoever reads it looks at accounts once more.
    add column is_free boolean not null default false;
create index sessions_seen_free on relink.sessions_seen (first_seen, session_id) where is_free and gone_slot is null;
update relink.sessions_seen s set gone_slot = n.slot
  from (select max(r.slot) as slot from relink.watch_runs r where r.listed_at is not null) n
 where s.slot < n.slot;

-- Writers whose sightings count for the run: one for each step of its listing that is closed.
alter table relink.watch_runs add column writers integer[] not null default '{}';

-- What the run that lists now has read. Unlogged, and empty after a crash of the server; no index: it is only ever read
-- whole, against the fleet. Rows of a writer that no run names count for nothing: a step that died leaves them, or one
-- that was overtaken.
create unlogged table relink.sightings (
    writer      integer not null,
    seen_at     timestamptz not null,
    session_id  text not null,
    health      text not null,
    is_odd      boolean not null,
    identity    text,
    fingerprint bigint not null,
    words       text not null,
    -- All else, for sessions that changed: an array in JSON. Empty where no more than its name could be read.
    rest        text not null
) with (autovacuum_enabled = off, toast.autovacuum_enabled = off);

-- The run that `sightings` belongs to, and how many have written there.
create table relink.listing (
    only_row boolean primary key default true check (only_row),
    slot     timestamptz,
    writers  integer not null default 0
);
insert into relink.listing default values;

-- Gives a step of a listing its number as a writer; null once a newer run lists. The first step of a run clears the table,
-- and only it: what repeats that step later finds the run there already.
create function relink.begin_sightings(p_slot timestamptz) returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = 2000
    as $$
declare
    held relink.listing;
begin
    select * into held from relink.listing for update;
    if held.slot > p_slot and held.slot <= relink.clock() then
        return null;
    end if;
    if held.slot is distinct from p_slot then
        begin
            truncate relink.sightings;
        exception when lock_not_available then
            -- Somebody reads it for long, a backup say: what older runs wrote stays a while, and counts for none.
            null;
        end;
    end if;
    update relink.listing set slot = p_slot, writers = held.writers + 1;
    return held.writers + 1;
end $$;

-- R-WSP-1: a living session that belongs to nobody becomes an account. It appears as connecting, with an attempt that names
-- the session, and is verified like any other. Refused if any account of any workspace has a claim to the session or is
-- its person, whatever its status, and if somebody who waits declared that person. Returns the account's kind.
create or replace function relink.adopt_session(p_token text, p_audit uuid, p_account uuid, p_attempt uuid, p_session text,
                                     p_workspace uuid, p_name text, p_external_id text, p_reason text)
    returns text
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    s relink.sessions_seen;
    o record;
begin
    if coalesce(btrim(p_name), '') = '' then
        raise exception 'name: it is blank' using errcode = '22023';
    elsif not exists (select from relink.workspaces w where w.id = p_workspace) then
        raise exception 'workspace: there is no workspace %', p_workspace using errcode = 'P0002';
    end if;
    select n.* into s from relink.sessions_seen n
     where n.session_id = p_session and n.gone_slot is null;
    if not found then
        raise exception 'session: the newest complete listing has no session %', p_session using errcode = 'P0002';
    elsif s.health <> 'ok' then
        raise exception 'session: % is %, not ok; only a living session is adopted', p_session, s.health using errcode = '55000';
    end if;
    -- The keys of accounts/lock_claims.sql.
    perform pg_advisory_xact_lock(7266, k.key)
       from (select distinct hashtext(t.name) as key from unnest(array[s.session_id, s.identity]) as t(name)
              where t.name is not null order by key) k;
    select * into o from (
        select a.id, a.workspace_id, 1 as place, 'is linked to it' as says from relink.accounts a where a.session_id = p_session
        union all
        select a.id, a.workspace_id, 2, 'kept it' from relink.accounts a where a.kept_session = p_session
        union all
        select l.account_id, a.workspace_id, 3, 'has an attempt that named it'
          from relink.link_attempts l join relink.accounts a on a.id = l.account_id
         where l.session_id = p_session and l.closed_at is null and l.ends_at > instant
        union all
        select a.id, a.workspace_id, 4, 'is the same person' from relink.accounts a where a.identity = s.identity
        union all
        select a.id, a.workspace_id, 5, 'is linked to another session of the same person'
          from relink.sessions_seen t join relink.accounts a on a.session_id = t.session_id and a.identity is null
         where t.identity = s.identity
        union all
        select a.id, a.workspace_id, 6, 'waits for a person with that handle'
          from relink.accounts a
         where a.handle = s.handle and a.session_id is null and a.identity is null
           and a.status in ('connecting', 'missing', 'reconnect_needed', 'action_required')
    ) c order by c.place, c.id limit 1;
    if found then
        raise exception 'session: account % of workspace % %', o.id, o.workspace_id, o.says using errcode = '55000';
    elsif exists (select from relink.accounts a where a.workspace_id = p_workspace and a.external_id = p_external_id) then
        raise exception 'external_id: an account of this workspace has it' using errcode = '55000';
    end if;
    perform relink.note_operation(p_audit, who, 'account.adopt', p_account::text, p_reason,
        jsonb_build_object('session', p_session, 'workspace', p_workspace));
    insert into relink.accounts (id, workspace_id, kind, name, handle, external_id, status, status_since, created_at)
    values (p_account, p_workspace, s.kind, btrim(p_name), lower(s.handle), p_external_id, 'connecting', instant, instant);
    insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor, evidence)
    values (p_account, 1, instant, null, 'connecting', 'adopted', who, jsonb_build_object('session', p_session));
    insert into relink.link_attempts (account_id, id, started_at, link_ends_at, ends_at, session_id, purpose)
    values (p_account, p_attempt, instant, instant + interval '30 minutes', instant + interval '24 hours', p_session, 'first');
    return s.kind;
end $$;

revoke all on relink.sightings, relink.listing from public;
revoke all on function relink.begin_sightings(timestamptz) from public;
grant select, insert on relink.sightings to relink_worker;
grant execute on function relink.begin_sightings(timestamptz) to relink_worker;
