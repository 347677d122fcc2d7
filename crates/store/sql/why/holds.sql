-- Holds in force, and protective ones that are over and wait for the send that proves them wrong (R-CAP-8).
select h.reason, h.since, h.ends_at, h.note, relink.hold_in_force(p_ended_at => h.ended_at, p_ends_at => h.ends_at, p_at => $2) as in_force
  from relink.account_holds h
 where h.account_id = $1
   and (relink.hold_in_force(p_ended_at => h.ended_at, p_ends_at => h.ends_at, p_at => $2) or (h.reason = 'protective' and h.proved_at is null))
union all
-- R-RES-1: a restored copy holds every account.
select 'copy', w.copy_since, null, w.copy_why, true from relink.witness w where w.copy_since is not null
 order by reason
