-- How many campaigns there are, and the names of some, those that have $1 in theirs first.
select c.name, count(*) over () as known
  from relink.campaigns c
 order by strpos(lower(c.name), lower($1::text)) = 0, c.name, c.id
 limit $2
