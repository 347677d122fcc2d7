-- $1 account · $2 attempt · $3 supersedes · $4 is_dead · $5 purpose · $6 by · $7 at · $8 link_ends_at · $9 ends_at · $10 lease_ends_at
select relink.begin_attempt(p_account => $1, p_attempt => $2, p_supersedes => $3, p_is_dead => $4, p_purpose => $5, p_by => $6,
                            p_at => $7, p_link_ends_at => $8, p_ends_at => $9, p_lease_ends_at => $10)
