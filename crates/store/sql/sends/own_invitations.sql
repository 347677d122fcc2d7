-- Invitations that an account reserved since then: those that happened, and those that may have.
select s.target, s.reference
  from relink.sends s
 where s.account_id = $1 and s.action = 'invite' and s.counted_at > $2
