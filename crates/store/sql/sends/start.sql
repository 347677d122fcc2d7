select verdict, session_id, action, target, subject, body, reference from relink.start_send(p_account => $1, p_send => $2)
