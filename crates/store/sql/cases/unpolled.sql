-- $1 first · $2 last · $3 at · $4 wait_s · $5 limit
-- Open cases of a range of shards whose next poll is no job that will run: it is a dead letter, or was discarded. Asked
-- for again, a poll has a name of its own (`…/2~1`). What died so and so often waits so many times `wait_s` longer.
select c.id, c.account_id, a.workspace_id, c.session_id, c.opened_at, c.stopped_at is not null as is_stopped, p.number, j.times
  from relink.cases c
  join relink.accounts a on a.id = c.account_id
 cross join lateral (select coalesce(max(made.number), 0) + 1 as number from relink.case_polls made where made.case_id = c.id) p
 cross join lateral (
    select count(*)::integer as times, max(asked.finished_at) as ended,
           coalesce(bool_or(asked.state in ('waiting', 'leased')), false) as is_open
      from generate_series(0, 31) as n
      join relink.jobs asked
        on asked.cause = 'confirm.poll@' || c.id || '/' || p.number || case when n = 0 then '' else '~' || n end) j
 where c.closed_at is null and relink.shard_of(c.account_id) between $1 and $2
   and not j.is_open
   and coalesce(j.ended, c.opened_at) + make_interval(secs => $4::float8 * greatest(j.times, 1)) <= $3
 order by c.opened_at
 limit $5
