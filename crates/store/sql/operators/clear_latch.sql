select relink.clear_latch($1, $2, $3) as done
