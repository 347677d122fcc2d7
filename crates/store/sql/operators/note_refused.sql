select relink.note_refused_act($1, $2, $3)
