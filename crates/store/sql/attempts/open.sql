-- $1 account · $2 attempt · $3 mint_no · $4 sealed · $5 at · $6 from · $7 version
select relink.open_attempt(p_account => $1, p_attempt => $2, p_mint_no => $3, p_sealed => $4, p_at => $5, p_from => $6,
                           p_version => $7) as done
