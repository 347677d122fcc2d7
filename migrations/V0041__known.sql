-- R-CAP-5: a known outcome is never thrown away, and each intent has one outcome.

-- Ends the intents of reservations that were never called and are taken anew: a reservation is called on for a minute, and
-- whoever reserves again writes an intent of its own. Its capacity is no more given back than taken twice. To be called before
-- the sends get it, with their accounts locked. Returns how many had one.
create function relink.supersede_intents(p_accounts uuid[], p_sends uuid[], p_now timestamptz, p_actor text) returns integer
    -- Called for each batch of reservations: planned once.
    language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
    as $$
declare
    ended integer;
begin
    insert into relink.send_audit (account_id, send_id, event, intent_id, recorded_at, from_state, to_state, action, code,
                                   refunded, actor)
    select s.account_id, s.id, 'outcome', s.intent_id, p_now, 'reserved', 'planned', s.action, 'lapsed', false, p_actor
      from unnest(p_accounts, p_sends) as q(account_id, send_id)
      join relink.sends s on s.account_id = q.account_id and s.id = q.send_id
     where s.state = 'reserved' and s.intent_id is not null
       and not exists (select from relink.send_audit u
                        where u.account_id = s.account_id and u.send_id = s.id and u.event = 'outcome'
                          and u.intent_id = s.intent_id);
    get diagnostics ended = row_count;
    return ended;
end $$;

-- Whatever changes a restart follows these lines: a call is begun once, and ends once; whoever called may tell after others
-- have noted that nobody knows (policy::restarts::RestartState).
create or replace function relink.step_restart() returns trigger
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
        when 'unknown' then new.state in ('restarted', 'refused', 'not_sent')
        else false end) then
        raise exception 'restart %: % does not become %', old.id, old.state, new.state using errcode = '23514';
    end if;
    return new;
end $$;

revoke all on all functions in schema relink from public;
