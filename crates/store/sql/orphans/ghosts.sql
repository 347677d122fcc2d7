-- Sessions without an account for more than a day (R-ORP-3): billed, listed, never deleted. One that a disconnected
-- account kept is none (R-DIS-4). Runs of the status watch mark those that may be some; accounts are asked once more.
select count(*) as ghosts, (array_agg(s.session_id order by s.first_seen, s.session_id))[1:20] as sample
  from relink.sessions_seen s
 where s.is_free and s.gone_slot is null
   and s.first_seen < $1
   and not exists (select from relink.accounts a where a.session_id = s.session_id)
   and not exists (select from relink.accounts a where a.kept_session = s.session_id)
   and not exists (select from relink.accounts a where a.status = 'connecting' and a.identity = s.identity)
   and not exists (select from relink.accounts a where a.status = 'connecting' and a.handle = s.handle)
