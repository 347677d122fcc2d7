-- $1 only
-- Sessions that were free and that an account has by now.
update relink.sessions_seen s
   set is_free = false
 where s.is_free and s.gone_slot is null and ($1::text[] is null or s.session_id = any ($1))
   and exists (select from relink.accounts a where a.session_id = s.session_id)
