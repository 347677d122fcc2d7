-- Sessions ($1) of the list that no account has.
update relink.sessions_seen set is_free = true where session_id = any ($1) and not is_free
