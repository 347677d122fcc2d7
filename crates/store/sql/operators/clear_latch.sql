select relink.clear_latch(p_token => $1, p_audit => $2, p_reason => $3) as done
