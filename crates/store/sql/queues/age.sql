select relink.autoscaler_age($1) as age_s
