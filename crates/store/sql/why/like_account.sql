-- How many accounts there are, and the names of some, those that have $1 in theirs first.
select a.name, count(*) over () as known
  from relink.accounts a
 order by strpos(lower(a.name), lower($1::text)) = 0, a.name, a.id
 limit $2
