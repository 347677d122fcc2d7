select relink.autoscaler_age(p_queue => $1) as age_s
