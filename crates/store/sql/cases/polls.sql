select number, started_at, finished_at, answer, why, control_session, control_answer, control_why
  from relink.case_polls where case_id = $1 order by number
