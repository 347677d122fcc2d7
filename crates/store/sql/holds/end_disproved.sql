-- $1 accounts · $2 probes · $3 notes · $4 now
select e.account_id
  from relink.end_disproved_holds(p_accounts => $1, p_probes => $2, p_notes => $3, p_now => $4) as e(account_id)
