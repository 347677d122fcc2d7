select relink.clock() as now, relink.clock_rate() as rate
