-- $1 queue · $2 workspace · $3 kind · $4 at · $5 lanes · $6 rows
-- What waits in the next `lanes` lanes behind one (nulls: from the first).
select l.workspace_id, l.kind, l.due, l.later, l.paused, l.due_since, l.paused_since, l.is_cut,
       least(l.next_at, timestamptz '9999-01-01 00:00:00Z') as next_at
  from relink.look_at_lanes(p_queue => $1, p_workspace => $2, p_kind => $3, p_at => $4, p_lanes => $5, p_rows => $6) l
