select relink.release_key(p_token => $1, p_key => $2, p_held => $3) as released
