-- Holds in force, by reason.
select reason as word, count(*) as count
  from relink.account_holds
 where relink.hold_in_force(p_ended_at => ended_at, p_ends_at => ends_at, p_at => $1)
 group by reason
