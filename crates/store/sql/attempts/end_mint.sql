-- $1 account · $2 attempt · $3 mint_no · $4 outcome · $5 failure · $6 at
select relink.end_mint(p_account => $1, p_attempt => $2, p_mint_no => $3, p_outcome => $4, p_failure => $5, p_at => $6) as done
