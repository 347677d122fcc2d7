select relink.settle_removal($1, $2, $3, $4, $5) as is_settled
