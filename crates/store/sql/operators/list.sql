select t.id, t.operator, t.scopes, t.workspace_id, t.created_at, t.ends_at, t.revoked_at, u.last_used_at
  from relink.operator_tokens t
  left join relink.token_uses u on u.id = t.id
 order by t.operator, t.created_at
