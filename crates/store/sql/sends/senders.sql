-- Accounts as senders; whether one send must succeed first is said for reservations and for plans by the same function.
select s.account_id, s.workspace_id, s.name, s.status, s.tier, s.zone, s.start_minute, s.end_minute, s.days, s.ramp_start,
       s.ramp_step, s.rules_version, s.first_connected_at, s.outage_from, s.outage_until, s.hold_reasons, s.hold_ends,
       relink.first_send(p_account => s.account_id, p_send => null, p_now => $2) as probe, s.last_send, s.last_at, s.is_busy, s.slack_s,
       s.rules_from, s.zone_from
  from relink.senders_at(p_accounts => $1::uuid[], p_now => $2) s
