-- Who leads, by the instant that this was asked; -infinity is a lease that was never taken, or given up.
select l.holder, l.epoch, case when isfinite(l.expires_at) then l.expires_at end as expires_at,
       coalesce(l.expires_at > $1, false) as is_held
  from relink.scheduler_lease l
