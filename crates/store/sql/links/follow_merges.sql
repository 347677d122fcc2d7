-- $1 accounts · $2 into · $3 at · $4 actor
select relink.follow_merges(p_accounts => $1, p_into => $2, p_at => $3, p_actor => $4) as moved
