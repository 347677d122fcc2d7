-- $1 at · $2 name · $3 beats · $4 kind · $5 attempts · $6 error · $7 limit
-- Runs whose worker is silent: it was heard $3 times when the leader's stopwatch began, and is no more. And runs whose lease
-- is over: their worker vanished or hangs. The attempt counts, so a job that kills its workers ends as a dead letter after
-- its kind's limit instead of going round for ever.
with silent as materialized (
    select w.name
      from relink.workers w
      join unnest($2::text[], $3::bigint[]) as s(name, beats) on s.name = w.name and s.beats = w.beats
     where w.lost_at is null
     order by w.name
       -- A sign of life that comes now waits, and finds itself lost.
       for no key update of w
), overdue as (
    select j.id, j.attempt, j.failures, j.leased_by, j.kind
      from relink.jobs j
     where j.state = 'leased'
       and (j.leased_until < $1 or j.leased_by in (select s.name from silent s))
     order by j.leased_until
     limit $7
       for update skip locked
), lost as (
    -- Once nothing of it is left that others may take: what it claims after this is its own until it is heard again.
    update relink.workers w
       set lost_at = $1
      from silent s
     where w.name = s.name
       and not exists (select from relink.jobs j
                        where j.state = 'leased' and j.leased_by = w.name and j.id not in (select o.id from overdue o))
), judged as (
    select o.*, o.failures + 1 >= coalesce(k.attempts, 5) as is_dead
      from overdue o
      left join unnest($4::text[], $5::smallint[]) as k(kind, attempts) on k.kind = o.kind
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
select id, attempt, $1, 'vanished', $6, case when is_dead then null else $1::timestamptz end, coalesce(leased_by, '')
  from ended
returning job_id, retry_at is null as is_dead
