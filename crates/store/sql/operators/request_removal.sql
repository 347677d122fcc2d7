select relink.request_removal($1, $2, $3, $4, $5)
