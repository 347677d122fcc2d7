-- Pauses that are not over, oldest first; with $2 the newest 200 of all, newest first.
select p.id, p.scope, p.target, p.mode, p.origin, p.paused_at, p.paused_by, p.why, p.ends_at, p.lifted_at, p.lifted_by,
       p.ramp_until,
       case when p.over_at <= $1 then 'over' when p.lifted_at is not null then 'ramp' else 'in force' end as state
  from relink.pauses p
 where $2::boolean or p.over_at > $1
 order by case when $2 then null else p.paused_at end, p.paused_at desc, p.id
 limit case when $2 then 200 end
