-- $1 name · $2 slot · $3 skips · $4 skipped · $5 missed
update relink.schedules set last_slot = $2, skips = $3, skipped = skipped + $4, missed = missed + $5 where name = $1
