-- $1 removal · $2 step · $3 switch · $4 self_test · $5 actor · $6 job
select relink.judge_removal(p_removal => $1, p_step => $2, p_switch => $3, p_self_test => $4, p_actor => $5, p_job => $6) as judged
