-- $1 removal · $2 state · $3 note · $4 actor · $5 job
select relink.settle_removal(p_removal => $1, p_state => $2, p_note => $3, p_actor => $4, p_job => $5) as is_settled
