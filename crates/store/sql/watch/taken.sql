-- Sessions that were free and that an account has by now.
update relink.sessions_seen s
   set is_free = false
 where s.is_free and s.gone_slot is null
   and exists (select from relink.accounts a where a.session_id = s.session_id)
