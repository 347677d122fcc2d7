-- $1 first · $2 last · $3 at · $4 limit
-- Unknown outcomes of a range of shards that are due for a look. Whether the job of that look is over without having
-- noted it: then nobody looks, and the same cause would ask for nothing.
select s.account_id, s.id, s.workspace_id, s.campaign_id, s.action, s.sending_at, s.looks, s.absences, s.last_absence_at,
       0::smallint as cooldown_streak, coalesce(j.state in ('done', 'dead', 'discarded'), false) as is_over
  from relink.sends s
  left join relink.jobs j on j.cause = 'sends.resolve:' || s.id || '#' || s.looks
 where s.state = 'unknown' and s.look_at <= $3 and relink.shard_of(s.account_id) between $1 and $2
 order by s.look_at
 limit $4
