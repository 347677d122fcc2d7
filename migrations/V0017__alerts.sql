-- Operators acknowledge alerts. An alert that was acknowledged may be raised anew: the open one of a code and subject is
-- a row of its own (V0003, admin_alerts_open).

-- Acknowledges open alerts by their ids, or all of a code; what it found open is returned and named in the audit row.
create function relink.ack_alerts(p_token text, p_audit uuid, p_ids uuid[], p_code text, p_reason text)
    returns table (id uuid, code text, subject text)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
#variable_conflict use_column
declare
    who text := relink.operator_of(p_token, 'operate');
    acked uuid[];
begin
    if (p_ids is null) = (p_code is null) then
        raise exception 'alerts: name them by id, or by code, not both' using errcode = '22023';
    end if;
    select coalesce(array_agg(f.id order by f.id), '{}') into acked
      from (select a.id from relink.admin_alerts a
             where a.acked_at is null and (a.id = any (p_ids) or a.code = p_code) order by a.id for update) f;
    perform relink.note_operation(p_audit, who, 'alert.ack', coalesce(p_code, array_to_string(p_ids, ' ')), p_reason,
        jsonb_build_object('alerts', (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'code', a.code, 'subject', a.subject,
            'times', a.times, 'last_at', a.last_at) order by a.id), '[]') from relink.admin_alerts a where a.id = any (acked))));
    return query update relink.admin_alerts a set acked_at = relink.clock(), acked_by = who
                  where a.id = any (acked) returning a.id, a.code, a.subject;
end $$;

revoke all on function relink.ack_alerts(text, uuid, uuid[], text, text) from public;
grant execute on function relink.ack_alerts(text, uuid, uuid[], text, text) to relink_operator;

-- Lists of operators page through these.
create index cases_by_age on relink.cases (opened_at, id);
create index admin_alerts_by_age on relink.admin_alerts (last_at, id);
