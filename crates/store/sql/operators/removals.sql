select r.id, r.session_id, r.state, r.requested_at, r.requested_by, r.reason, r.note, r.warrant_id, r.case_id, r.called_at,
       r.ended_at, (select count(*) from relink.removal_looks l where l.removal_id = r.id and l.finished_at is not null) as looks
  from relink.removals r
 order by r.state in ('requested', 'permitted', 'calling', 'unknown') desc, r.requested_at desc limit 50
