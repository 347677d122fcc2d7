-- The session of a connected account.
select a.session_id from relink.accounts a where a.id = $1 and a.status = 'connected' and a.session_id is not null
