select relink.note_refused_act(p_token => $1, p_act => $2, p_why => $3)
