-- $1 account · $2 id
select r.session_id, r.called_at from relink.restarts r where r.account_id = $1 and r.id = $2 and r.state = 'calling'
