-- $1 queues · $2 at · $3 since · $4 lanes · $5 rows
-- What waits, runs, failed and was done since `since`, by queue and kind: of each queue `lanes` lanes are walked, of each
-- count `rows` are read. Of lanes behind those the leader's last lap tells. How many were done is read from a sample of one
-- in sixteen where the table is too large.
with recursive names as (
    (select j.queue from relink.jobs j where j.state = 'waiting' order by j.queue limit 1)
    union all
    select (select j.queue from relink.jobs j where j.state = 'waiting' and j.queue > n.queue order by j.queue limit 1)
      from names n where n.queue is not null
), walked as materialized (
    select n.queue, l.kind, l.due, l.later, l.paused, l.due_since, l.is_cut
      from (select unnest($1::text[]) as queue union select queue from names where queue is not null) n
     cross join lateral relink.look_at_lanes(p_queue => n.queue, p_workspace => null, p_kind => null, p_at => $2,
                                             p_lanes => $4, p_rows => $5::bigint::integer) l
), cut as (
    select w.queue, count(*) >= $4 as is_short, bool_or(w.is_cut) as is_cut from walked w group by w.queue
), size as (
    select pg_relation_size('relink.jobs') > 64 << 20 as is_large
), seen as (
    select w.queue, w.kind, w.due, w.later, w.paused, 0 as running, 0 as failed, 0 as dead, 0 as done, w.due_since,
           0 as noted_due, 0 as noted_later, 0 as noted_paused, null::float8 as noted_age_s
      from walked w
    union all
    select d.queue, d.kind, 0, 0, 0, 0, 0, 0, 0, null, d.due, d.later, d.paused, d.due_age_s
      from relink.queue_depths d
      join cut c on c.queue = d.queue and c.is_short
    union all
    select r.queue, r.kind, 0, 0, 0, 1, 0, 0, 0, null, 0, 0, 0, null
      from (select j.queue, j.kind from relink.jobs j where j.state = 'leased' order by j.leased_until limit $5) r
    union all
    select r.queue, r.kind, 0, 0, 0, 0, 1, 0, 0, null, 0, 0, 0, null
      from (select j.queue, j.kind, j.failures from relink.jobs j
             where j.state = 'waiting' and (j.attempt > j.redriven or j.failures > 0)
             order by j.queue, j.workspace_id, j.kind, j.run_at limit $5) r
     where r.failures > 0
    union all
    select r.queue, r.kind, 0, 0, 0, 0, 0, 1, 0, null, 0, 0, 0, null
      from (select j.queue, j.kind from relink.jobs j where j.state = 'dead' order by j.finished_at desc limit $5) r
    union all
    select r.queue, r.kind, 0, 0, 0, 0, 0, 0, 1, null, 0, 0, 0, null
      from relink.jobs r
     where r.finished_at > $3 and r.state = 'done' and not (select is_large from size)
    union all
    select r.queue, r.kind, 0, 0, 0, 0, 0, 0, 16, null, 0, 0, 0, null
      from (select j.queue, j.kind from relink.jobs j
             where j.finished_at > $3 and j.state = 'done' and (uuid_hash_extended(j.id, 0) & 15) = 0
               and (select is_large from size)
             order by j.finished_at limit $5) r
), summed as (
    select s.queue, s.kind, greatest(sum(s.due), max(s.noted_due)) as due, greatest(sum(s.later), max(s.noted_later)) as later,
           greatest(sum(s.paused), max(s.noted_paused)) as paused, sum(s.running) as running, sum(s.failed) as failed,
           sum(s.dead) as dead, sum(s.done) as done,
           greatest(extract(epoch from $2 - min(s.due_since))::float8, max(s.noted_age_s)) as oldest_s
      from seen s group by s.queue, s.kind
)
select s.queue, s.kind, s.due::bigint, s.later::bigint, s.paused::bigint, s.running::bigint, s.failed::bigint, s.dead::bigint,
       s.done::bigint, s.oldest_s,
       coalesce(c.is_short or c.is_cut, false) or sum(s.due) over q >= $5 as due_is_more,
       coalesce(c.is_short or c.is_cut, false) or sum(s.later) over q >= $5 as later_is_more,
       coalesce(c.is_short or c.is_cut, false) or sum(s.paused) over q >= $5 as paused_is_more,
       sum(s.running) over () >= $5 as running_is_more, sum(s.failed) over () >= $5 as failed_is_more,
       sum(s.dead) over () >= $5 as dead_is_more
  from summed s
  left join cut c on c.queue = s.queue
window q as (partition by s.queue)
 order by s.queue, s.kind
