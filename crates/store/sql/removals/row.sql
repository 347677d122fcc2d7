select r.id, r.session_id, r.state, r.requested_at, r.called_at, r.warrant_id is not null as by_warrant
  from relink.removals r where r.id = $1
