select relink.approve_warrant($1, $2, $3, $4, $5)
