-- No row: this scheduler no longer leads, and what it was about to enqueue must not be. FOR SHARE holds off a takeover
-- until this transaction ends.
select epoch from relink.scheduler_lease
 where holder = $1 and epoch = $2 and expires_at > relink.clock() for share
