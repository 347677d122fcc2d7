-- $1 token · $2 audit · $3 campaign · $4 pause · $5 reason
select relink.pause_campaign(p_token => $1, p_audit => $2, p_campaign => $3, p_pause => $4, p_reason => $5) as pauses
