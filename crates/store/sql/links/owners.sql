-- $1 session · $2 identity · $3 at
-- Every account with a claim to a session or to the person behind it, whatever its status: all of them, for one left out
-- would be linked across (R-LNK-5).
select a.workspace_id, a.id, a.status::text as status, 'session' as claim from relink.accounts a where a.session_id = $1
union
select a.workspace_id, a.id, a.status::text, 'kept' from relink.accounts a where a.kept_session = $1
union
select a.workspace_id, a.id, a.status::text, 'attempt'
  from relink.link_attempts l
  join relink.accounts a on a.id = l.account_id
 where l.session_id = $1 and l.closed_at is null and l.ends_at > $3
   and not exists (select from relink.link_attempts n
                    where n.account_id = l.account_id and (n.started_at, n.id) > (l.started_at, l.id))
union
select a.workspace_id, a.id, a.status::text, 'person' from relink.accounts a where a.identity = $2
union
-- Of an account that knows nobody, its session says who it is.
select a.workspace_id, a.id, a.status::text, 'person'
  from relink.sessions_seen t
  join relink.accounts a on a.session_id = t.session_id and a.identity is null
 where t.identity = $2
 order by id
