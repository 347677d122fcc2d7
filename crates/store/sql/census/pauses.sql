-- Pauses in force.
select p.scope, p.mode, p.origin,
       case p.scope when 'queue' then p.target else '' end as queue,
       count(*) as pauses, count(*) filter (where p.ends_at is null) as endless, coalesce(min(p.paused_at) filter (where isfinite(p.paused_at)), $1) as oldest
  from relink.pauses p
 where p.lifted_at is null and (p.ends_at is null or p.ends_at > $1)
 group by 1, 2, 3, 4
