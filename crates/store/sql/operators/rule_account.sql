-- $1 token · $2 audit · $3 account · $4 changes · $5 reason
select zone, start_minute, end_minute, days, ramp_start, ramp_step, zone_from
  from relink.rule_account(p_token => $1, p_audit => $2, p_account => $3, p_changes => $4, p_reason => $5)
