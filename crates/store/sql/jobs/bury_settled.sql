-- $1 job · $2 attempt · $3 at · $4 fault · $5 error · $6 worker
-- Makes a dead letter of the job of a call whose end is settled, whoever has it by now: another run finds nothing to do.
with ended as (
    update relink.jobs j
       set state = 'dead', leased_until = null, leased_by = null, failures = j.failures + 1, finished_at = $3
     where j.id = $1 and j.state in ('leased', 'waiting')
    returning j.id
)
insert into relink.job_failures (job_id, attempt, at, fault, error, retry_at, worker)
select id, $2, $3, $4, $5, null, $6 from ended
