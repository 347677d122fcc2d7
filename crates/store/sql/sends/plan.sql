-- $1 sends · $2 enrollments · $3 slots · $4 now
select send_id, account_id, workspace_id, slot_at from relink.plan_sends(p_sends => $1::uuid[], p_enrollments => $2::uuid[],
                                                                         p_slots => $3::timestamptz[], p_now => $4)
