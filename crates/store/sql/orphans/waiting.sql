-- $1 accounts · $2 at
-- Accounts with their newest attempt, and whether that may still bind (R-LNK-3).
select a.id, a.workspace_id, a.status_version, a.status::text as status, a.status_since, a.session_id, a.identity,
       a.kind, a.handle, a.kept_session, t.id as attempt_id, t.started_at, t.link_ends_at,
       t.session_id as attempt_session, coalesce(t.closed_at is null and t.ends_at > $2, false) as may_bind
  from relink.accounts a
  left join lateral (select l.id, l.started_at, l.link_ends_at, l.ends_at, l.session_id, l.closed_at
                       from relink.link_attempts l
                      where l.account_id = a.id
                      order by l.started_at desc, l.id desc limit 1) t on true
 where a.id = any ($1)
 order by a.id
