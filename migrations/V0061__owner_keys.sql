-- Keys of the acts of whoever owns the schema, and has no token: tokens that are handed out and taken back (R-API-2).

-- Asks for a key before such an act, in its transaction, and waits for whoever acts with it now. Its id for the audit row, and, where
-- it was done before, with what it was answered. The keys are those of operators: what one of them asked for is nobody else's.
create function relink.take_owner_key(p_by text, p_key text, p_fingerprint bytea, p_fresh uuid)
    returns table (audit uuid, answer jsonb)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
#variable_conflict use_column
declare
    space constant uuid := '00000000-0000-0000-0000-000000000000';
    instant timestamptz := relink.clock();
    known relink.idempotency_keys;
begin
    perform pg_advisory_xact_lock(relink.lock_of_text('key ' || space || ' ' || p_key));
    select * into known from relink.idempotency_keys k where k.workspace_id = space and k.key = p_key;
    if known.held_until <= instant or known.held_until is null and known.asked_at < instant - interval '48 hours' then
        delete from relink.idempotency_keys k where k.workspace_id = space and k.key = p_key;
        known := null;
    end if;
    if known.key is null then
        perform set_config('relink.key', p_key, true);
        return query select relink.audit_of_key(space, p_key, p_fresh), null::jsonb;
    elsif known.answer is null or known.fingerprint <> sha256(p_fingerprint || convert_to(p_by, 'UTF8')) then
        raise exception 'idempotency key: it was used for another act' using errcode = '55000';
    else
        return query select known.audit, known.answer;
    end if;
end $$;

-- Keeps the answer of the act whose key this transaction has taken, without what may be kept nowhere.
create function relink.keep_owner_answer(p_by text, p_key text, p_route text, p_fingerprint bytea, p_audit uuid, p_answer jsonb)
    returns void
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
insert into relink.idempotency_keys (workspace_id, key, route, fingerprint, audit, asked_at, status, answer)
values ('00000000-0000-0000-0000-000000000000', p_key, p_route, sha256(p_fingerprint || convert_to(p_by, 'UTF8')), p_audit,
        relink.clock(), 200, p_answer)
$$;

revoke all on all functions in schema relink from public;
