select verdict, session_id, action, target, subject, body, reference from relink.start_send($1, $2)
