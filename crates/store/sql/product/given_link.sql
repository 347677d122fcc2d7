-- $1 workspace · $2 account · $3 attempt · $4 at
-- A link that still waits for its owner, of an account of that workspace.
select l.purpose, l.url_sealed, l.link_ends_at
  from relink.link_attempts l
  join relink.accounts a on a.id = l.account_id
 where a.workspace_id = $1 and l.account_id = $2 and l.id = $3 and l.url_sealed is not null and l.link_ends_at > $4
