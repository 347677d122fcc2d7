-- $1 status · $2 cause · $3 health · $4 verdict · $5 first · $6 last · $7 at · $8 only
-- Notices of a burst that a second look settles. A look is the newest conclusive listing: it must have begun late enough.
-- An account whose episode is over came back, whatever became of it after. The table says nothing of what waits on, so
-- that no limit can be used up by it. What was mailed before the burst was seen stays as it is.
with looked as (
    select r.started_at from relink.watch_runs r
     where r.outcome is not null and r.outcome <> 'inconclusive'
     order by r.slot desc limit 1
), settled as (
    select n.account_id, n.episode, n.step, t.verdict
      from relink.notices n
      join relink.accounts a on a.id = n.account_id
      left join relink.episodes e on e.account_id = n.account_id and e.began_version = n.episode
      left join relink.sessions_seen s on s.session_id = a.session_id and s.gone_slot is null
      join unnest($1::text[], $2::text[], $3::text[], $4::text[]) as t(status, cause, health, verdict)
        on t.status = case when e.ended_at is not null and a.status <> 'disconnected' then 'connected' else a.status::text end
       and t.cause = n.cause and t.health = coalesce(s.health, 'none')
     where n.due_at is null and n.state = 'planned' and n.dropped_at is null and a.shard between $5 and $6
       and ($8::uuid[] is null or a.id = any ($8))
       and (t.verdict <> 'due' or n.look_after <= (select started_at from looked))
       for update of n skip locked
)
update relink.notices n
   set due_at = case when s.verdict = 'due' then $7::timestamptz end,
       dropped_at = case when s.verdict <> 'due' then $7::timestamptz end,
       dropped_why = nullif(s.verdict, 'due')
  from settled s
 where n.account_id = s.account_id and n.episode = s.episode and n.step = s.step
