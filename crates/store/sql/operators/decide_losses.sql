-- $1 token · $2 audit · $3 run · $4 accounts · $5 decision · $6 reason
select relink.decide_losses(p_token => $1, p_audit => $2, p_run => $3, p_accounts => $4, p_decision => $5, p_reason => $6) as changed
