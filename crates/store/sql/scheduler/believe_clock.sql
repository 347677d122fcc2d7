-- What the clock says is true again. The relay looks for what comes due earlier now.
update relink.scheduler_lease set latest_at = $1 returning pg_notify('relink_jobs', '') is null as is_told
