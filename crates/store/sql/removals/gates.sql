select relink.removal_gates($1, $2, $3) as facts
