select id, received_at, kind, message, session_id, attempt_id, account_id, verdict, body
  from relink.provider_events
 where id = any ($1)
 order by received_at, id
