-- $1 token · $2 audit · $3 account · $4 episode · $5 step · $6 reason
select relink.redrive_notice(p_token => $1, p_audit => $2, p_account => $3, p_episode => $4, p_step => $5, p_reason => $6)::text as redriven
