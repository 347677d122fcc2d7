-- $1 account · $2 id · $3 at
-- Wins the right to the one call. The account is locked: a flip waits for the commit, or comes first and is seen.
with held as (
    select a.id, a.status_version, a.session_id from relink.accounts a
     where a.id = $1 and a.status = 'recovering' for no key update
)
update relink.restarts r set state = 'calling', called_at = $3
  from held
 where r.account_id = held.id and r.id = $2 and r.state = 'reserved'
   and r.version = held.status_version and r.session_id = held.session_id
returning r.session_id
