update relink.schedules set last_slot = $2, skips = $3, skipped = skipped + $4, missed = missed + $5 where name = $1
