select relink.forget_workers(p_names => $1, p_beats => $2) as forgotten
