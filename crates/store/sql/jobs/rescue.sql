-- $1 at · $2 kind · $3 attempts · $4 error · $5 limit
-- Runs whose lease ended: their worker vanished or hangs. The attempt counts, so a job that kills its workers ends as
-- a dead letter after its kind's limit instead of going round for ever.
with overdue as (
    select j.id, j.attempt, j.failures, j.leased_by, j.kind
      from relink.jobs j
     where j.state = 'leased' and j.leased_until < $1
     order by j.leased_until
     limit $5
       for update skip locked
), judged as (
    select o.*, o.failures + 1 >= coalesce(k.attempts, 5) as is_dead
      from overdue o
      left join unnest($2::text[], $3::smallint[]) as k(kind, attempts) on k.kind = o.kind
), ended as (
    update relink.jobs j
       set state = case when d.is_dead then 'dead' else 'waiting' end::relink.job_state,
           run_at = case when d.is_dead then j.run_at else greatest(j.run_at, $1) end,
           leased_until = null, leased_by = null, failures = j.failures + 1,
           finished_at = case when d.is_dead then $1::timestamptz end
      from judged d
     where j.id = d.id
    returning j.id, d.attempt, d.leased_by, d.is_dead
)
insert into relink.job_failures (job_id, attempt, at, fault, error, retry_at, worker)
select id, attempt, $1, 'vanished', $4, case when is_dead then null else $1::timestamptz end, coalesce(leased_by, '')
  from ended
returning job_id, retry_at is null as is_dead
