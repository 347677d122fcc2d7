select send_id, account_id, workspace_id, slot_at from relink.plan_sends($1::uuid[], $2::uuid[], $3::timestamptz[], $4)
