-- $1 token · $2 audit · $3 account · $4 tier · $5 reason
select was, unlifted
  from relink.tier_account(p_token => $1, p_audit => $2, p_account => $3, p_tier => $4, p_reason => $5)
