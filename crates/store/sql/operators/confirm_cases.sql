-- $1 token · $2 audit · $3 cases · $4 reason
select case_id, account_id, workspace_id, number, due_at
  from relink.confirm_cases(p_token => $1, p_audit => $2, p_cases => $3, p_reason => $4)
