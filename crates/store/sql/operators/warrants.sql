select w.id, w.session_id, w.reason, w.issued_at, w.issued_by, w.ends_at, w.approved_at, w.approved_by, w.revoked_at,
       w.revoked_by, r.id as removal_id, r.state as removal_state
  from relink.warrants w
  left join relink.removals r on r.warrant_id = w.id
 order by w.issued_at desc limit 50
