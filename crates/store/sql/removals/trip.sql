select relink.trip_removal_latch(p_why => $1) as is_tripped
