-- Every waiting account that one of those sessions could fit, whichever shard it is in.
select a.id, a.workspace_id, a.status_version, a.status::text as status, a.status_since, a.session_id, a.identity,
       a.handle, t.id as attempt_id, t.started_at, t.ends_at, t.session_id as attempt_session
  from relink.accounts a
  left join lateral (select * from relink.link_attempts l
                      where l.account_id = a.id and l.closed_at is null
                      order by l.started_at desc limit 1) t on true
 where a.status = 'connecting'
   and (t.session_id = any ($1) or a.identity = any ($2) or a.handle = any ($3))
