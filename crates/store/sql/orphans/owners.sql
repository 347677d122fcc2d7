-- Every account that is a person ($1), whatever its status: known as them, or linked to a session of theirs while it
-- knows nobody.
select a.workspace_id, a.id, a.status::text as status, 'person' as claim
  from relink.accounts a where a.identity = $1
union
select a.workspace_id, a.id, a.status::text, 'person'
  from relink.sessions_seen t
  join relink.accounts a on a.session_id = t.session_id and a.identity is null
 where t.identity = $1
 order by id
