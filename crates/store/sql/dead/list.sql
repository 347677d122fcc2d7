-- $1 queue · $2 kind · $3 workspace · $4 account · $5 since · $6 error · $7 limit
-- Dead letters, the newest first; `error` is a text that the last error holds. Filters may be null.
select j.id, j.queue, j.kind, j.cause, j.workspace_id, j.account_id, j.created_at, j.finished_at, j.attempt, j.failures,
       f.fault, f.error, count(*) over () as matches
  from relink.jobs j
  left join lateral (
       select l.fault, l.error from relink.job_failures l where l.job_id = j.id order by l.at desc, l.attempt desc limit 1) f on true
 where j.state = 'dead'
   and ($1::text is null or j.queue = $1) and ($2::text is null or j.kind = $2)
   and ($3::uuid is null or j.workspace_id = $3) and ($4::uuid is null or j.account_id = $4)
   and ($5::timestamptz is null or j.finished_at >= $5)
   and ($6::text is null or strpos(lower(f.error), lower($6)) > 0)
 order by j.finished_at desc, j.id
 limit $7
