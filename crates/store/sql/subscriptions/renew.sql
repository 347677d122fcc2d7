update relink.subscriptions set ended_at = null, renewed_at = $2 where workspace_id = $1 and ended_at is not null
