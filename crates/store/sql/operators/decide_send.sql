-- $1 token · $2 audit · $3 send · $4 as · $5 reason
select account_id, action, target, enrollment_state, step
  from relink.decide_send(p_token => $1, p_audit => $2, p_send => $3, p_as => $4, p_reason => $5)
