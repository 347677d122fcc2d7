-- $1 account · $2 attempt · $3 session
-- One account and the newest look at it; the attempt $2 of it, or the newest that named session $3 or renews it; and its newest
-- attempt. When a callback named a session is read of what was kept, whoever acted on it.
select a.id, a.workspace_id, a.status_version, a.status::text as status, a.status_since, a.session_id, a.identity,
       a.kind, a.handle, a.kept_session, a.checkpoint, v.version as look_version, v.session_id as look_session, v.tries, v.next_at,
       exists (select from relink.account_holds h
                where h.account_id = a.id and h.reason = 'wrong_account' and h.ended_at is null) as is_held,
       n.link_ends_at, n.closed_at as attempt_closed_at, n.id as newest_id, n.state as newest_state, n.ends_at as newest_ends_at,
       l.id as attempt_id, l.purpose, l.state as attempt_state, l.link_ends_at as attempt_link_ends_at,
       l.ends_at as attempt_ends_at, l.session_id as attempt_session,
       (select min(e.received_at) from relink.provider_events e
         where e.kind = 'callback' and e.attempt_id = l.id and e.session_id is not null and e.verdict <> 'replayed') as called_back_at
  from relink.accounts a
  left join relink.verifications v on v.account_id = a.id
  left join lateral (select t.id, t.link_ends_at, t.ends_at, t.closed_at, t.state
                       from relink.link_attempts t
                      where t.account_id = a.id order by t.started_at desc, t.id desc limit 1) n on true
  left join lateral (select t.id, t.purpose, t.state, t.link_ends_at, t.ends_at, t.session_id
                       from relink.link_attempts t
                      where t.account_id = a.id
                        and (t.id = $2 or t.session_id = $3
                             or $2 is null and t.purpose = 'renew' and t.closed_at is null and a.session_id = $3)
                      order by t.started_at desc, t.id desc limit 1) l on true
 where a.id = $1
