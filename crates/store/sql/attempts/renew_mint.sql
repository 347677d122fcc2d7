-- $1 account · $2 attempt · $3 had_no · $4 mint_no · $5 purpose · $6 by · $7 link_ends_at · $8 lease_ends_at
select relink.renew_mint(p_account => $1, p_attempt => $2, p_had_no => $3, p_mint_no => $4, p_purpose => $5, p_by => $6,
                         p_link_ends_at => $7, p_lease_ends_at => $8) as done
