-- $1 queue · $2 kind · $3 workspace · $4 account · $5 since · $6 error · $7 limit · $8 rows
-- Dead letters, the newest first; `error` is a text that the last error holds. Filters may be null. Of those that fit but for
-- the error the newest `rows` are looked at: if they were as many,
-- `matches` is a lower bound. A row without an id says only that.
with newest as materialized (
    select j.id, j.queue, j.kind, j.cause, j.workspace_id, j.account_id, j.created_at, j.finished_at, j.attempt, j.failures
      from relink.jobs j
     where j.state = 'dead'
       and ($1::text is null or j.queue = $1) and ($2::text is null or j.kind = $2)
       and ($3::uuid is null or j.workspace_id = $3) and ($4::uuid is null or j.account_id = $4)
       and ($5::timestamptz is null or j.finished_at >= $5)
     order by j.finished_at desc
     limit $8
), fitting as (
    select n.*
      from newest n
     where $6::text is null
        or strpos(lower((select l.error from relink.job_failures l
                          where l.job_id = n.id order by l.at desc, l.attempt desc limit 1)), lower($6)) > 0
), shown as (
    select f.*, count(*) over () as matches from fitting f order by f.finished_at desc, f.id limit $7
)
select s.id, s.queue, s.kind, s.cause, s.workspace_id, s.account_id, s.created_at, s.finished_at, s.attempt, s.failures,
       l.fault, l.error, coalesce(s.matches, 0) as matches, m.is_more
  from (select count(*) >= $8 as is_more from newest) m
  left join shown s on true
  left join lateral (
       select f.fault, f.error from relink.job_failures f where f.job_id = s.id order by f.at desc, f.attempt desc limit 1) l on true
 order by s.finished_at desc, s.id
