-- $1 account_id · $2 version · $3 rung · $4 id
-- Accounts of jobs that may restart them: row, newest attempt, newest sight, newest call, and the restart of that rung, or of
-- that name where an operator asked. In the order of the jobs; an account that does not exist is left out.
select q.nth, a.id, a.workspace_id, a.status_version, a.status::text as status, a.status_since, a.session_id, a.identity,
       s.health, t.link_ends_at, t.closed_at as attempt_closed_at, c.called_at, r.id as made_id, r.state as made_state,
       exists (select from relink.account_holds h
                where h.account_id = a.id and h.reason = 'wrong_account' and h.ended_at is null) as is_held
  from unnest($1::uuid[], $2::bigint[], $3::integer[], $4::uuid[]) with ordinality as q(account_id, version, rung, id, nth)
  join relink.accounts a on a.id = q.account_id
  left join relink.sessions_seen s on s.session_id = a.session_id
  left join lateral (select l.link_ends_at, l.closed_at from relink.link_attempts l
                      where l.account_id = a.id order by l.started_at desc limit 1) t on true
  left join relink.restarts r on r.account_id = a.id
                             and case when q.rung > 0 then r.version = q.version and r.rung = q.rung else r.id = q.id end
  left join lateral (select max(coalesce(o.called_at, o.reserved_at)) as called_at from relink.restarts o
                      where o.account_id = a.id and o.id is distinct from r.id and o.state <> 'withdrawn') c on true
 order by q.nth
