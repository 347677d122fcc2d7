select relink.issue_warrant($1, $2, $3, $4, $5) as ends_at
