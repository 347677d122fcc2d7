-- An unknown outcome, with what was said.
select s.action, s.target, s.subject, s.body, s.reference, s.shown_at, a.session_id
  from relink.sends s join relink.accounts a on a.id = s.account_id
 where s.account_id = $1 and s.id = $2 and s.state = 'unknown'
