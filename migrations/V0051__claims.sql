-- Claims wait for no row and believe no number of another server (store/sql/jobs); pauses and operators' acts likewise.

-- In force the moment it commits. The lock waits for claims that lease and are under way, which is milliseconds, and
-- keeps new ones waiting until then: a lease is committed before the pause, or its claim sees the pause. Claims that close
-- (sets of jobs in one transaction with their effect) may take long and are not waited for: they look again after claiming.
create or replace function relink.pause_work(p_token text, p_audit uuid, p_id uuid, p_scope text, p_target text, p_mode text,
                                  p_for interval, p_queues text[], p_kinds text[], p_reason text)
    returns timestamptz
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    ends timestamptz;
begin
    if p_mode <> all (array['hold', 'drain']) then
        raise exception 'mode: a pause is hold or drain, not %', p_mode using errcode = '22023';
    elsif p_for <= interval '0' then
        raise exception 'for: a pause lasts longer than nothing' using errcode = '22023';
    end if;
    perform relink.check_pause_target(p_scope, p_target, p_queues, p_kinds);
    -- Whoever holds the lock waits for nobody: another act with the same number is met before it.
    perform relink.note_operation(p_audit, who, 'pause.begin', p_id::text, p_reason, jsonb_build_object(
        'scope', p_scope, 'target', p_target, 'mode', p_mode, 'for', p_for::text));
    -- Should the caller vanish, workers wait for so long and no longer.
    perform set_config('idle_in_transaction_session_timeout', '5s', true);
    perform pg_advisory_xact_lock(7265, 1);
    insert into relink.pauses (id, scope, target, mode, origin, paused_at, paused_by, why, ends_at)
    values (p_id, p_scope, p_target, p_mode, 'operator', instant, who, btrim(p_reason), instant + p_for)
    returning ends_at into ends;
    return ends;
end $$;

-- A row that an operator's command writes needs the operator's audit row in the same transaction, whoever writes it.
-- All but handing out tokens, which is the owner's, is done through an operator's login. A row that was restored from another
-- server's dump can bear this transaction's number; what this transaction wrote is also no older than it.
create or replace function relink.demand_operator_audit() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    perform 1 from relink.operator_audit o
      where o.xid = pg_current_xact_id() and age(o.xmin) <= 0 and o.action like tg_argv[0]
        and (o.subject = coalesce(to_jsonb(new) ->> 'id', '')
             or tg_table_name = 'operator_tokens' and o.subject = to_jsonb(new) ->> 'operator');
    if not found then
        raise exception 'relink.%: an operator''s act and its audit row must be written by one transaction', tg_table_name
            using errcode = '23514', constraint = 'paired_with_operator_audit';
    end if;
    perform 1 from pg_roles g
      where g.rolname = session_user and tg_argv[0] <> 'operator.%' and (g.rolsuper
            or pg_has_role(g.oid, 'relink_owner', 'member') or not pg_has_role(g.oid, 'relink_operator', 'member'));
    if found then
        raise exception 'relink.%: % is no operator''s login', tg_table_name, session_user
            using errcode = '42501', constraint = 'paired_with_operator_audit';
    end if;
    return null;
end $$;

revoke all on all functions in schema relink from public;
