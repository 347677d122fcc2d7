select relink.trip_removal_latch($1) as is_tripped
