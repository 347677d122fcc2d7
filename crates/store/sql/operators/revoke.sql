-- $1 audit · $2 which · $3 by · $4 reason
select t.id from relink.revoke_operator(p_audit => $1, p_which => $2, p_by => $3, p_reason => $4) as t(id)
