-- $1 token · $2 audit · $3 account · $4 zone · $5 reason
select relink.set_owner_zone(p_token => $1, p_audit => $2, p_account => $3, p_zone => $4, p_reason => $5)
