-- Keys of acts (R-API-2). Whoever asks again with the key of an act gets the answer of the first time, and nothing is done twice.
-- The row is written by the transaction of the effect: both are there, or neither, and then a second try is a first one.
create table relink.idempotency_keys (
    -- Nil: keys of operators.
    workspace_id uuid not null,
    key          text not null check (key ~ '^[!-~]{1,255}$'),
    -- What was asked for, in words that people know.
    route        text not null check (route <> ''),
    -- SHA-256 of what was asked for, and of operators also who asked.
    fingerprint  bytea not null check (octet_length(fingerprint) = 32),
    -- Id of the act's row in operator_audit.
    audit        uuid not null,
    asked_at     timestamptz not null,
    -- End of the hold of an act that calls outward between two transactions; null once it is answered.
    held_until   timestamptz,
    status       smallint check (status between 200 and 599),
    answer       jsonb,
    -- What a held act has made, for whoever goes on after a crash; what an answer is about, where not all of it may be kept.
    subject      uuid,
    primary key (workspace_id, key),
    check ((held_until is null) = (status is not null) and (status is null) = (answer is null))
);
create unique index idempotency_keys_of_audit on relink.idempotency_keys (audit);
create index idempotency_keys_by_age on relink.idempotency_keys (asked_at);

-- Number of an advisory lock for a text: the first 8 bytes of its SHA-256, so that no text can be found that meets another's.
create function relink.lock_of_text(p_text text) returns bigint
    language sql immutable set search_path = pg_catalog, pg_temp
    as $$
    select ('x' || encode(substr(sha256(convert_to('relink ' || p_text, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint
$$;

-- Id of the audit row of an act that is asked for with a key: the key itself where that is a UUID, else one of version 8 made of the
-- SHA-256 of the workspace's id, a space and the key. One that is taken is not used twice: then the caller's own.
create function relink.audit_of_key(p_workspace uuid, p_key text, p_fresh uuid) returns uuid
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    digest bytea := sha256(convert_to(p_workspace::text || ' ' || p_key, 'UTF8'));
    candidate uuid;
begin
    digest := set_byte(digest, 6, (get_byte(digest, 6) & 15) | 128);
    digest := set_byte(digest, 8, (get_byte(digest, 8) & 63) | 128);
    foreach candidate in array array[
        case when p_key ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p_key::uuid end,
        encode(substr(digest, 1, 16), 'hex')::uuid] loop
        -- The lock keeps another workspace with the same UUID from taking it at the same moment.
        if candidate is not null and pg_try_advisory_xact_lock(relink.lock_of_text('audit ' || candidate))
           and not exists (select from relink.operator_audit o where o.id = candidate)
           and not exists (select from relink.idempotency_keys k where k.audit = candidate) then
            return candidate;
        end if;
    end loop;
    return p_fresh;
end $$;

-- Asks for a key before an act, in the act's transaction. `free`: the act goes on, under this id of its audit row, and the key is
-- this transaction's until it ends; with the subject of a held act that was cut off. `answered`: with what. `other`: it is another
-- request's, also while that one runs. `running`: the same request runs.
-- Two locks say what an uncommitted row cannot: one of the key with the request's fingerprint, and then one of the key. Whoever
-- finds the first one taken meets the same request, whoever gets it and finds the second one taken meets another. Nobody waits.
create function relink.take_key(p_token text, p_scope text, p_key text, p_fingerprint bytea, p_fresh uuid)
    returns table (verdict text, audit uuid, status smallint, answer jsonb, subject uuid, route text)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
#variable_conflict use_column
declare
    space uuid := relink.space_of_keys(p_token);
    place text := 'key ' || space || ' ' || p_key;
    print bytea := relink.print_of_key(p_token, p_fingerprint);
    instant timestamptz := relink.clock();
    known relink.idempotency_keys;
    cut_off uuid;
begin
    perform relink.operator_of(p_token, p_scope);
    -- What was done is answered to many at once; only who may go on needs the locks, and looks again with them.
    select * into known from relink.idempotency_keys k where k.workspace_id = space and k.key = p_key;
    if known.status is null or known.asked_at < instant - interval '48 hours' then
        if not pg_try_advisory_xact_lock(relink.lock_of_text(place || ' ' || encode(print, 'hex'))) then
            return query select 'running', null::uuid, null::smallint, null::jsonb, null::uuid, null::text;
            return;
        elsif not pg_try_advisory_xact_lock(relink.lock_of_text(place)) then
            return query select 'other', null::uuid, null::smallint, null::jsonb, null::uuid, null::text;
            return;
        end if;
        select * into known from relink.idempotency_keys k where k.workspace_id = space and k.key = p_key;
    end if;
    -- Too old, or held by somebody who never answered: as if it had never been asked for.
    if known.held_until <= instant or known.held_until is null and known.asked_at < instant - interval '48 hours' then
        cut_off := case when known.held_until is not null then known.subject end;
        delete from relink.idempotency_keys k where k.workspace_id = space and k.key = p_key;
        known := null;
    end if;
    if known.key is not null then
        return query select case when known.fingerprint <> print then 'other'
                                 when known.held_until is not null then 'running'
                                 else 'answered' end,
                            known.audit, known.status, known.answer, known.subject, known.route;
        return;
    end if;
    -- Each new key takes some old ones away: there are never more than those of 48 hours, and no round of its own is needed.
    delete from relink.idempotency_keys k
     where (k.workspace_id, k.key) in (select o.workspace_id, o.key from relink.idempotency_keys o
                                        where o.asked_at < instant - interval '48 hours'
                                        order by o.asked_at limit 10 for update skip locked);
    -- Whatever the act writes into operator_audit names the key.
    perform set_config('relink.key', p_key, true);
    return query select 'free', relink.audit_of_key(space, p_key, p_fresh), null::smallint, null::jsonb, cut_off, null::text;
end $$;

-- Whose keys a token uses: its workspace's, whichever token of it; nil, those of operators.
create function relink.space_of_keys(p_token text) returns uuid
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
    select coalesce(t.workspace_id, '00000000-0000-0000-0000-000000000000')
      from relink.operator_tokens t where t.id = split_part(p_token, '_', 2)
$$;

-- What a key stands for: the request; of an operator's also the operator, for nobody answers for another's act.
create function relink.print_of_key(p_token text, p_fingerprint bytea) returns bytea
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
    select case when t.workspace_id is null then sha256(p_fingerprint || convert_to(t.operator, 'UTF8')) else p_fingerprint end
      from relink.operator_tokens t where t.id = split_part(p_token, '_', 2)
$$;

-- Holds a key that this transaction has taken, until an instant: for an act that calls outward before it is answered.
create function relink.hold_key(p_token text, p_key text, p_route text, p_fingerprint bytea, p_audit uuid, p_for interval,
                                p_subject uuid)
    returns timestamptz
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    ends timestamptz := relink.clock() + p_for;
begin
    perform relink.operator_of(p_token, null);
    insert into relink.idempotency_keys (workspace_id, key, route, fingerprint, audit, asked_at, held_until, subject)
    values (relink.space_of_keys(p_token), p_key, p_route, relink.print_of_key(p_token, p_fingerprint), p_audit,
            relink.clock(), ends, p_subject);
    return ends;
end $$;

-- Keeps the answer of the act whose key this transaction has taken, or that was held until `p_held`. Refused where the hold was
-- over and another has it: what this transaction did is rolled back with it.
create function relink.keep_answer(p_token text, p_key text, p_route text, p_fingerprint bytea, p_audit uuid, p_held timestamptz,
                                   p_status smallint, p_answer jsonb, p_subject uuid)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    space uuid;
begin
    perform relink.operator_of(p_token, null);
    space := relink.space_of_keys(p_token);
    if p_held is null then
        insert into relink.idempotency_keys (workspace_id, key, route, fingerprint, audit, asked_at, status, answer, subject)
        values (space, p_key, p_route, relink.print_of_key(p_token, p_fingerprint), p_audit, relink.clock(), p_status, p_answer,
                p_subject);
        return true;
    end if;
    update relink.idempotency_keys k
       set held_until = null, status = p_status, answer = p_answer, subject = p_subject
     where k.workspace_id = space and k.key = p_key and k.held_until = p_held and k.audit = p_audit;
    if not found then
        raise exception 'idempotency key: another request has it by now' using errcode = '55000';
    end if;
    perform set_config('relink.key', p_key, true);
    return true;
end $$;

-- Gives a held key back: nothing was done, and the next request with it is the first one. False: it was held no longer.
create function relink.release_key(p_token text, p_key text, p_held timestamptz) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    perform relink.operator_of(p_token, null);
    delete from relink.idempotency_keys k
     where k.workspace_id = relink.space_of_keys(p_token) and k.key = p_key and k.held_until = p_held;
    return found;
end $$;

-- As in V0013, and its row is locked once a minute by whoever finds it free, not by every act until it ends: requests of one token
-- do not wait for each other.
create or replace function relink.note_use(p_id text) returns void
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
    insert into relink.token_uses as u (id, last_used_at)
    select p_id, relink.clock()
     where not exists (select from relink.token_uses o
                        where o.id = p_id and o.last_used_at >= relink.clock() - interval '1 minute')
       and (not exists (select from relink.token_uses o where o.id = p_id)
            or exists (select from relink.token_uses o where o.id = p_id for update skip locked))
        on conflict (id) do update set last_used_at = excluded.last_used_at
        where u.last_used_at < excluded.last_used_at - interval '1 minute'
$$;

-- As in V0013, and what the token does in this transaction is written down under its id.
create or replace function relink.use_token(p_token text)
    returns table (id text, operator text, scopes text[], workspace_id uuid)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
#variable_conflict use_column
begin
    return query
        select t.id, t.operator, t.scopes, t.workspace_id from relink.operator_tokens t
         where t.id = split_part(p_token, '_', 2) and split_part(p_token, '_', 1) = 'rlo'
           and t.digest = sha256(convert_to(split_part(p_token, '_', 3), 'UTF8'))
           and t.revoked_at is null and t.ends_at > relink.clock();
    if not found then
        raise exception 'operator token: unknown, expired or revoked' using errcode = '28000';
    end if;
    perform set_config('relink.token', split_part(p_token, '_', 2), true);
    perform relink.note_use(split_part(p_token, '_', 2));
end $$;

-- As in V0013, with the token that acts and the key that it was asked for with, where there are such.
create or replace function relink.note_operation(p_audit uuid, p_actor text, p_action text, p_subject text, p_reason text,
                                                 p_detail jsonb)
    returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    if coalesce(btrim(p_reason), '') = '' then
        raise exception 'reason: say why' using errcode = '22023';
    end if;
    insert into relink.operator_audit (id, actor, action, subject, reason, detail)
    values (p_audit, p_actor, p_action, p_subject, btrim(p_reason), p_detail || jsonb_strip_nulls(jsonb_build_object(
        'token', nullif(current_setting('relink.token', true), ''), 'key', nullif(current_setting('relink.key', true), ''))));
end $$;

-- As in V0043, and a version that was left behind is told by itself, with the one of now.
create or replace function relink.change_workspace(p_token text, p_audit uuid, p_workspace uuid, p_version integer, p_changes jsonb,
                                        p_reason text)
    returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    bearer record;
    w relink.workspaces;
begin
    select * into strict bearer from relink.use_token(p_token);
    if bearer.workspace_id is null then
        perform relink.operator_of(p_token, 'operate');
    end if;
    select * into w from relink.workspaces
     where id = coalesce(p_workspace, bearer.workspace_id) and id = coalesce(bearer.workspace_id, p_workspace) for no key update;
    if not found then
        raise exception 'workspace: there is no workspace %', p_workspace using errcode = 'P0002';
    elsif w.ended_at is not null then
        raise exception 'workspace: % ended at %', w.id, w.ended_at using errcode = '55000';
    elsif w.version <> p_version then
        raise exception 'version: it is at % by now, not at %', w.version, p_version
            using errcode = '55000', constraint = 'version', detail = w.version::text;
    end if;
    perform relink.note_operation(p_audit, bearer.operator, 'workspace.set', w.id::text, p_reason,
        jsonb_build_object('settings', relink.put_settings(w.id, p_changes), 'version', w.version + 1));
    return w.version + 1;
end $$;

revoke all on relink.idempotency_keys from public;
revoke all on all functions in schema relink from public;
grant execute on function relink.take_key(text, text, text, bytea, uuid),
    relink.hold_key(text, text, text, bytea, uuid, interval, uuid),
    relink.keep_answer(text, text, text, bytea, uuid, timestamptz, smallint, jsonb, uuid),
    relink.release_key(text, text, timestamptz)
    to relink_operator;
