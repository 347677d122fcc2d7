select relink.withdraw_removal($1, $2, $3, $4) as done
