-- Ticks that are yet to come were not made: the next one is made as if it were the first. Its cause lets it happen once.
update relink.schedules set last_slot = null where last_slot > $1
