-- $1 token · $2 audit · $3 account · $4 action · $5 changes · $6 lift · $7 reason
select day, week, is_lifted, tier_day, tier_week
  from relink.cap_account(p_token => $1, p_audit => $2, p_account => $3, p_action => $4, p_changes => $5, p_lift => $6,
                          p_reason => $7)
