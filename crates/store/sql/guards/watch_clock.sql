select relink.watch_removal_clock() as tripped
