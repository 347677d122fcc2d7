-- $1 first · $2 last · $3 since · $4 limit
-- Accounts that have been connecting since before `since`, with their newest attempt (R-ORP-1, R-LNK-3).
select a.id, a.workspace_id, a.status_version, a.status::text as status, a.status_since, a.session_id, a.identity,
       a.handle, t.id as attempt_id, t.started_at, t.ends_at, t.session_id as attempt_session
  from relink.accounts a
  left join lateral (select * from relink.link_attempts l
                      where l.account_id = a.id and l.closed_at is null
                      order by l.started_at desc limit 1) t on true
 where a.status = 'connecting' and a.shard between $1 and $2 and a.status_since < $3
 order by a.status_since
 limit $4
