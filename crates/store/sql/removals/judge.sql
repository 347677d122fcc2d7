select relink.judge_removal($1, $2, $3, $4, $5, $6) as judged
