-- Locks an account, then says when; null where there is none.
select relink.lock_for_link(p_account => $1) as at
