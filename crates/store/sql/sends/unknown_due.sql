-- $1 first · $2 last · $3 at · $4 limit
-- Unknown outcomes of a range of shards that are due for a look. Whether the job of that look is over without having
-- noted it: then nobody looks, and the same cause would ask for nothing.
select s.account_id, s.id, s.workspace_id, s.campaign_id, s.action, s.sending_at, s.looks, s.absences, s.last_absence_at,
       0::smallint as cooldown_streak, coalesce(j.is_over, false) as is_over
  from relink.sends s
  -- One by one, through the index of causes: however many jobs there are.
  left join lateral (
       select j.state in ('done', 'dead', 'discarded') as is_over from relink.jobs j
        where j.cause = 'sends.resolve:' || s.id || '#' || s.looks limit 1) j on true
 where s.state = 'unknown' and s.look_at <= $3 and relink.shard_of(s.account_id) between $1 and $2
 order by s.look_at
 limit $4
