select t.id, t.operator, t.scopes, t.ends_at, t.revoked_at from relink.operator_tokens t where t.id = $1
