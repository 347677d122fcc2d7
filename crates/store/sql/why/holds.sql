-- Holds in force, and protective ones that are over and wait for the send that proves them wrong (R-CAP-8).
select h.reason, h.since, h.ends_at, h.note, h.ended_at is null and (h.ends_at is null or h.ends_at > $2) as in_force
  from relink.account_holds h
 where h.account_id = $1
   and ((h.ended_at is null and (h.ends_at is null or h.ends_at > $2)) or (h.reason = 'protective' and h.proved_at is null))
 order by h.reason
