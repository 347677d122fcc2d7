-- $1 job · $2 at · $3 error · $4 worker · $5 only_spent
-- Makes a dead letter of a waiting job that no claim gets past. Its times are brought to the nearest that can be read, or
-- people could not look at it either; what it asks for stays as it is. Spent is one that no further attempt can be counted of.
-- The job is named: that the index of what waits is not read for it, however many wait, `state` is compared as a text.
with ended as (
    update relink.jobs j
       set state = 'dead', failures = least(j.failures, 32766) + 1, finished_at = $2,
           run_at = least(greatest(j.run_at, timestamptz '0001-01-02 00:00:00Z'), timestamptz '9999-01-01 00:00:00Z'),
           created_at = least(greatest(j.created_at, timestamptz '0001-01-02 00:00:00Z'), timestamptz '9999-01-01 00:00:00Z')
     where j.id = $1 and j.state::text = 'waiting' and (not $5 or j.attempt = 32767)
    returning j.id, j.attempt
)
insert into relink.job_failures (job_id, attempt, at, fault, error, retry_at, worker)
select id, attempt, $2, 'permanent', $3, null, $4 from ended
