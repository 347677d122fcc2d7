-- $1 job · $2 attempt · $3 at · $4 retry_at · $5 fault · $6 error · $7 worker
-- Ends one attempt: waiting again at `retry_at`, or dead when that is null. A superseded run changes nothing.
with ended as (
    update relink.jobs j
       set state = case when $4::timestamptz is null then 'dead' else 'waiting' end::relink.job_state,
           run_at = coalesce($4, j.run_at), leased_until = null, leased_by = null, failures = j.failures + 1,
           finished_at = case when $4::timestamptz is null then $3::timestamptz end
     where j.id = $1 and j.attempt = $2 and j.state = 'leased'
    returning j.id, j.attempt
)
insert into relink.job_failures (job_id, attempt, at, fault, error, retry_at, worker)
select id, attempt, $3, $5, $6, $4, $7 from ended
