-- R-DIS-4: a disconnected account keeps the name of its session, no longer its link.
alter table relink.accounts add column kept_session text;
update relink.accounts set kept_session = session_id, session_id = null
 where status = 'disconnected' and session_id is not null;
create index accounts_by_kept_session on relink.accounts (kept_session) where kept_session is not null;
grant update (kept_session) on relink.accounts to relink_worker;

-- What the orphan watch looks for: who waits, what was made while they did, who is being verified, what was told.
create index accounts_waiting on relink.accounts (shard, id)
    where status in ('connecting', 'missing', 'reconnect_needed', 'action_required');
create index link_attempts_by_start on relink.link_attempts (started_at) where closed_at is null;
create index sessions_seen_by_making on relink.sessions_seen (created_at);
create index jobs_of_orphans on relink.jobs (account_id)
    where kind = 'orphan.link' and state in ('waiting', 'leased');
create index admin_alerts_by_subject on relink.admin_alerts (subject, code);

-- Instants of the provider's clock are held against ours only by the difference that its own answers tell.
alter table relink.watch_runs add column clock_lead_ms bigint;

-- Name that its product gives an account; written by whoever makes the account.
alter table relink.accounts add column external_id text check (external_id <> '');
create unique index accounts_by_external_id on relink.accounts (workspace_id, external_id) where external_id is not null;

-- R-WSP-1: a living session that belongs to nobody becomes an account. It appears as connecting, with an attempt that names
-- the session, and is verified like any other. Refused if any account of any workspace has a claim to the session or is
-- its person, whatever its status, and if somebody who waits declared that person. Returns the account's kind.
create function relink.adopt_session(p_token text, p_audit uuid, p_account uuid, p_attempt uuid, p_session text,
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
     where n.session_id = p_session
       and n.slot >= (select max(r.slot) from relink.watch_runs r where r.listed_at is not null);
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
revoke all on function relink.adopt_session(text, uuid, uuid, uuid, text, uuid, text, text, text) from public;
grant execute on function relink.adopt_session(text, uuid, uuid, uuid, text, uuid, text, text, text) to relink_operator;
