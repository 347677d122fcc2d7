update relink.link_attempts set closed_at = $2, outcome = 'linked' where id = any ($1) and closed_at is null
returning purpose, outcome
