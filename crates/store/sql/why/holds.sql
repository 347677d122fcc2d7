-- Holds in force, and protective ones that are over and wait for the send that proves them wrong (R-CAP-8).
select h.reason, h.since, h.ends_at, h.note, relink.hold_in_force(p_ended_at => h.ended_at, p_ends_at => h.ends_at, p_at => $2) as in_force
  from relink.account_holds h
 where h.account_id = $1
   and (relink.hold_in_force(p_ended_at => h.ended_at, p_ends_at => h.ends_at, p_at => $2) or (h.reason = 'protective' and h.proved_at is null))
 order by h.reason
