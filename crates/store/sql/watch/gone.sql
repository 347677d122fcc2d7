-- Sessions ($2) that the complete list of run $1 does not hold.
update relink.sessions_seen set gone_slot = $1 where session_id = any ($2) and gone_slot is null
