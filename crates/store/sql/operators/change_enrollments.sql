-- $1 token · $2 audit · $3 act · $4 enrollments · $5 overdue_of · $6 step · $7 reason
select changed, under_way, still_overdue
  from relink.change_enrollments(p_token => $1, p_audit => $2, p_act => $3, p_enrollments => $4, p_overdue_of => $5,
                                 p_step => $6, p_reason => $7)
