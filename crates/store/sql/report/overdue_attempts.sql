-- $1 overdue_before
-- Open attempts whose name, or whose unused page, ended before then. For small fleets.
select l.id, a.name, l.state, l.link_ends_at, l.ends_at
  from relink.link_attempts l
  join relink.accounts a on a.id = l.account_id
 where l.closed_at is null
   and (l.ends_at < $1::timestamptz or l.state in ('minting', 'open') and l.link_ends_at < $1)
 order by l.link_ends_at, l.id
