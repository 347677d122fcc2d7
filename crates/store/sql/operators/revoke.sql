select t.id from relink.revoke_operator($1, $2, $3, $4) as t(id)
