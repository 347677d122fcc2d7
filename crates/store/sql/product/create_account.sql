-- $1 token · $2 audit · $3 account · $4 details · $5 reason
select account, made
  from relink.create_account(p_token => $1, p_audit => $2, p_account => $3, p_details => $4, p_reason => $5)
