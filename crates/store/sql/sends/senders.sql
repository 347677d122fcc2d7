select account_id, workspace_id, name, status, tier, zone, start_minute, end_minute, days, ramp_start, ramp_step, rules_version,
       first_connected_at, outage_from, outage_until, hold_reasons, hold_ends, probe, last_send, last_at, is_busy, slack_s,
       rules_from, zone_from
  from relink.senders_at(p_accounts => $1::uuid[], p_now => $2)
