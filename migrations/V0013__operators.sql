-- What operators may do about removals. Each takes the operator's token, asks for a reason, and writes the audit row of
-- the act in the same transaction (R-AUD-4). A row that nobody here wrote cannot be committed (V0010, trigger `paired`).

-- Notes that a token was used, at most once a minute: the page of tokens says so.
create function relink.note_use(p_id text) returns void
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
    insert into relink.token_uses as u (id, last_used_at) values (p_id, relink.clock())
        on conflict (id) do update set last_used_at = excluded.last_used_at
        where u.last_used_at < excluded.last_used_at - interval '1 minute'
$$;

-- Whose token it is, what it may do, and for whom; an error for any that is not in force.
create function relink.use_token(p_token text)
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
    perform relink.note_use(split_part(p_token, '_', 2));
end $$;

-- Whose token it is; an error for any that may not do this. Without a scope: whoever holds a good token.
create function relink.operator_of(p_token text, p_scope text) returns text
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    bearer record;
begin
    select * into strict bearer from relink.use_token(p_token);
    if p_scope is not null and p_scope <> all (bearer.scopes) then
        raise exception 'operator token: % may not do this: it needs the scope %, and has %',
            bearer.operator, p_scope, array_to_string(bearer.scopes, ', ') using errcode = '42501';
    end if;
    return bearer.operator;
end $$;

create function relink.note_operation(p_audit uuid, p_actor text, p_action text, p_subject text, p_reason text, p_detail jsonb)
    returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    if coalesce(btrim(p_reason), '') = '' then
        raise exception 'reason: say why' using errcode = '22023';
    end if;
    insert into relink.operator_audit (id, actor, action, subject, reason, detail)
    values (p_audit, p_actor, p_action, p_subject, btrim(p_reason), p_detail);
end $$;

-- An act that was refused is told too (R-DEL-5), with the token's owner where the token is good.
create function relink.note_refused_act(p_token text, p_act text, p_why text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := 'nobody: the token is not good';
begin
    begin
        who := relink.operator_of(p_token, null);
    exception when invalid_authorization_specification then null;
    end;
    perform relink.raise_alert('operator_refused', left(p_act, 200),
        jsonb_build_object('who', who, 'why', left(p_why, 1000), 'login', session_user), relink.clock());
end $$;

-- Hands out a token; only the owner may.
create function relink.add_operator(p_audit uuid, p_id text, p_operator text, p_digest bytea, p_scopes text[], p_workspace uuid,
                                    p_for interval, p_by text, p_reason text)
    returns timestamptz
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    ends timestamptz;
begin
    perform relink.note_operation(p_audit, p_by, 'operator.add', p_id, p_reason,
        jsonb_build_object('operator', p_operator, 'scopes', p_scopes, 'workspace', p_workspace));
    insert into relink.operator_tokens (id, operator, digest, scopes, workspace_id, ends_at)
    values (p_id, lower(btrim(p_operator)), p_digest, p_scopes, p_workspace, relink.clock() + p_for) returning ends_at into ends;
    return ends;
end $$;

-- Revokes a token by its id, or all of a person by name.
create function relink.revoke_operator(p_audit uuid, p_which text, p_by text, p_reason text) returns setof text
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    perform relink.note_operation(p_audit, p_by, 'operator.revoke', lower(btrim(p_which)), p_reason, '{}');
    return query update relink.operator_tokens t set revoked_at = relink.clock()
                  where t.revoked_at is null and lower(btrim(p_which)) in (t.id, t.operator) returning t.id;
end $$;

-- Gate 5. An earlier flag is ended by it.
create function relink.enable_flag(p_token text, p_audit uuid, p_id uuid, p_name text, p_for interval, p_reason text)
    returns timestamptz
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'remove');
    instant timestamptz := relink.clock();
    ends timestamptz;
begin
    if p_name <> 'removals' then
        raise exception 'flag: there is no flag %; there is removals', p_name using errcode = '22023';
    elsif p_for <= interval '0' or p_for > interval '4 hours' then
        raise exception 'for: a flag lives at most 4 hours, not %', p_for using errcode = '22023';
    end if;
    perform relink.note_operation(p_audit, who, 'flag.enable', p_id::text, p_reason,
                                  jsonb_build_object('flag', p_name, 'for', p_for::text));
    perform relink.end_flags(p_name, who, p_reason);
    insert into relink.flags (id, name, enabled_at, ends_at, enabled_by, reason)
    values (p_id, p_name, instant, instant + p_for, who, p_reason) returning ends_at into ends;
    return ends;
end $$;

-- Ends what is open, each with its audit row; how many that were.
create function relink.end_flags(p_name text, p_actor text, p_reason text) returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    f record;
    ended bigint := 0;
begin
    for f in select id from relink.flags where name = p_name and ended_at is null for update loop
        perform relink.note_operation(gen_random_uuid(), p_actor, 'flag.end', f.id::text, p_reason,
                                      jsonb_build_object('flag', p_name));
        update relink.flags set ended_at = relink.clock(), ended_by = p_actor where id = f.id;
        ended := ended + 1;
    end loop;
    return ended;
end $$;

create function relink.end_flag(p_token text, p_audit uuid, p_name text, p_reason text) returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'remove');
begin
    perform relink.note_operation(p_audit, who, 'flag.disable', p_name, p_reason, '{}');
    return relink.end_flags(p_name, who, p_reason);
end $$;

-- Gate 2's latch. Tripping it is the way to stop every removal at once.
create function relink.trip_latch(p_token text, p_audit uuid, p_reason text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'remove');
begin
    perform relink.note_operation(p_audit, who, 'latch.trip', '', p_reason, '{}');
    return relink.trip_removal_latch(who || ': ' || p_reason);
end $$;

-- False: it was not tripped. What the clock showed while it was tripped is believed from now on.
create function relink.clear_latch(p_token text, p_audit uuid, p_reason text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'remove');
    l relink.removal_latch;
begin
    select * into strict l from relink.removal_latch for update;
    perform relink.note_operation(p_audit, who, 'latch.clear', '', p_reason,
                                  jsonb_build_object('tripped_at', l.tripped_at, 'why', l.why));
    update relink.removal_latch set tripped_at = null, why = null, seen_at = relink.clock();
    return l.tripped_at is not null;
end $$;

-- Asks to remove a session that a confirmed case found gone.
create function relink.request_removal(p_token text, p_audit uuid, p_id uuid, p_session text, p_reason text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'remove');
    c relink.cases;
begin
    select * into c from relink.cases where session_id = p_session order by opened_at desc limit 1;
    if not found then
        raise exception 'session: there is no case of session %; only a confirmed case is removed, a live duplicate needs a warrant', p_session
            using errcode = '22023';
    elsif c.verdict is distinct from 'confirmed' then
        raise exception 'session: the case of session % is %, not confirmed', p_session, coalesce(c.verdict, 'still open')
            using errcode = '22023';
    end if;
    perform relink.note_operation(p_audit, who, 'removal.request', p_id::text, p_reason,
                                  jsonb_build_object('session', p_session, 'case', c.id));
    insert into relink.removals (id, session_id, case_id, reason, requested_by, actor)
    values (p_id, p_session, c.id, p_reason, who, who);
end $$;

-- Gives up a removal that is not permitted yet; false: it is too late for that.
create function relink.withdraw_removal(p_token text, p_audit uuid, p_removal uuid, p_reason text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'remove');
begin
    perform relink.note_operation(p_audit, who, 'removal.withdraw', p_removal::text, p_reason, '{}');
    return relink.settle_removal(p_removal, 'withdrawn', p_reason, who, null);
end $$;

-- R-DEL-4, the first person.
create function relink.issue_warrant(p_token text, p_audit uuid, p_id uuid, p_session text, p_reason text) returns timestamptz
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'remove');
    instant timestamptz := relink.clock();
    owner uuid;
    ends timestamptz;
begin
    select id into owner from relink.accounts where session_id = p_session;
    if found then
        raise exception 'session: % is linked to account %; a linked session is never touched', p_session, owner
            using errcode = '22023';
    end if;
    perform 1 from relink.sessions_seen where session_id = p_session;
    if not found then
        raise exception 'session: no listing of the provider held session %', p_session using errcode = '22023';
    end if;
    perform relink.note_operation(p_audit, who, 'warrant.issue', p_id::text, p_reason, jsonb_build_object('session', p_session));
    insert into relink.warrants (id, session_id, reason, issued_at, issued_by, ends_at)
    values (p_id, p_session, p_reason, instant, who, instant + interval '1 hour') returning ends_at into ends;
    return ends;
end $$;

-- R-DEL-4, the second. The removal begins with it.
create function relink.approve_warrant(p_token text, p_audit uuid, p_warrant uuid, p_removal uuid, p_reason text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'remove');
    w relink.warrants;
begin
    select * into w from relink.warrants where id = p_warrant for update;
    if not found then
        raise exception 'warrant: there is no warrant %', p_warrant using errcode = '22023';
    elsif w.issued_by = who then
        raise exception 'warrant: % issued it, and another operator must approve it', who using errcode = '22023';
    elsif w.approved_at is not null or w.revoked_at is not null or w.ends_at <= relink.clock() then
        raise exception 'warrant: % is % already', p_warrant, case when w.revoked_at is not null then 'revoked'
            when w.approved_at is not null then 'approved' else 'dead' end using errcode = '22023';
    end if;
    perform relink.note_operation(p_audit, who, 'warrant.approve', p_warrant::text, p_reason, jsonb_build_object('removal', p_removal));
    perform relink.note_operation(gen_random_uuid(), who, 'removal.request', p_removal::text, p_reason,
                                  jsonb_build_object('session', w.session_id, 'warrant', p_warrant));
    update relink.warrants set approved_by = who where id = p_warrant;
    insert into relink.removals (id, session_id, warrant_id, reason, requested_by, actor)
    values (p_removal, w.session_id, p_warrant, w.reason, w.issued_by, who);
end $$;

-- Also gives up its removal, if that is not permitted yet.
create function relink.revoke_warrant(p_token text, p_audit uuid, p_warrant uuid, p_reason text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'remove');
begin
    perform relink.note_operation(p_audit, who, 'warrant.revoke', p_warrant::text, p_reason, '{}');
    update relink.warrants set revoked_by = who where id = p_warrant and revoked_at is null;
    if not found then return false; end if;
    perform relink.settle_removal(id, 'withdrawn', p_reason, who, null) from relink.removals where warrant_id = p_warrant;
    return true;
end $$;

revoke all on relink.operator_tokens, relink.flags, relink.removal_latch, relink.warrants, relink.removals,
    relink.removal_looks, relink.removal_audit from public;
revoke all on sequence relink.removal_audit_ids from public;
revoke all on all functions in schema relink from public;
grant usage on schema relink to relink_operator;
grant select on all tables in schema relink to relink_operator;
-- A digest is nobody's business; whose tokens there are, and until when, is.
revoke select on relink.operator_tokens from relink_operator;
grant select (id, operator, scopes, workspace_id, created_at, ends_at, revoked_at) on relink.operator_tokens
    to relink_operator, relink_reader;
grant execute on function relink.use_token(text) to relink_operator;
grant select on relink.flags, relink.removal_latch, relink.warrants, relink.removals, relink.removal_looks, relink.removal_audit
    to relink_worker, relink_scheduler, relink_reader;
grant insert (removal_id, number, control_session),
      update (seen, why, control_good, control_why) on relink.removal_looks to relink_worker;
grant execute on function relink.clock(), relink.clock_rate(), relink.shard_of(uuid), relink.send_slack(),
    relink.reservation_life(), relink.senders_at(uuid[], timestamptz) to relink_operator;
grant execute on function relink.removal_gates(uuid, boolean, text[]), relink.missing_guards()
    to relink_worker, relink_operator, relink_reader;
grant execute on function relink.judge_removal(uuid, text, boolean, text[], text, uuid),
    relink.settle_removal(uuid, text, text, text, uuid), relink.trip_removal_latch(text), relink.watch_removal_clock()
    to relink_worker;
grant execute on function relink.enable_flag(text, uuid, uuid, text, interval, text), relink.end_flag(text, uuid, text, text),
    relink.trip_latch(text, uuid, text), relink.clear_latch(text, uuid, text),
    relink.request_removal(text, uuid, uuid, text, text), relink.withdraw_removal(text, uuid, uuid, text),
    relink.issue_warrant(text, uuid, uuid, text, text), relink.approve_warrant(text, uuid, uuid, uuid, text),
    relink.revoke_warrant(text, uuid, uuid, text), relink.note_refused_act(text, text, text) to relink_operator;
-- The first look of a removal is asked for in the transaction that requests it (R-JOB-1).
grant insert on relink.jobs to relink_operator;
