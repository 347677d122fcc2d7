select t.id, t.operator, t.created_at, t.ends_at, t.revoked_at from relink.operator_tokens t order by t.operator, t.created_at
