select relink.revoke_warrant($1, $2, $3, $4) as done
