-- Sessions that were free and that an account has by now.
select s.session_id as id
  from relink.sessions_seen s
 where s.is_free and s.gone_slot is null
   and exists (select from relink.accounts a where a.session_id = s.session_id)
 order by s.session_id
