-- Attempts whose page ended unused by $1, and whose name has not ended at $2.
select l.id
  from relink.link_attempts l
 where l.state in ('minting', 'open') and l.link_ends_at <= $1 and l.ends_at > $2
 order by l.link_ends_at
 limit $3
