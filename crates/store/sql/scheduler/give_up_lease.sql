update relink.scheduler_lease set expires_at = '-infinity' where holder = $1 and epoch = $2
