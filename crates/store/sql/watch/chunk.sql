select p.account_id, a.workspace_id, p.class, p.version, p.from_status::text as from_status,
       p.to_status::text as to_status, p.cause, p.session_id, p.observed_at, p.words,
       exists (select from relink.cases c where c.session_id = p.session_id and c.closed_at is null) as case_open
  from relink.watch_proposals p
  join relink.accounts a on a.id = p.account_id
 where p.slot = $1 and not p.applied
 order by p.account_id
 limit $2
