-- One account, the newest look at it, and what else a look at its session has to know.
select a.id, a.workspace_id, a.status_version, a.status::text as status, a.status_since, a.session_id, a.identity,
       a.checkpoint, v.version as look_version, v.session_id as look_session, v.tries, v.next_at,
       exists (select from relink.account_holds h
                where h.account_id = a.id and h.reason = 'wrong_account' and h.ended_at is null) as is_held,
       t.link_ends_at, t.closed_at as attempt_closed_at
  from relink.accounts a
  left join relink.verifications v on v.account_id = a.id
  left join lateral (select l.link_ends_at, l.closed_at from relink.link_attempts l
                      where l.account_id = a.id order by l.started_at desc limit 1) t on true
 where a.id = $1
