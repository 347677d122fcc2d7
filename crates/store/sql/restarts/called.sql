-- $1 account · $2 id
-- Also one that others have noted as unknown meanwhile: whoever called may tell late.
select r.session_id, r.called_at from relink.restarts r
 where r.account_id = $1 and r.id = $2 and r.state in ('calling', 'unknown')
