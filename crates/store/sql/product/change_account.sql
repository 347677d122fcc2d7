-- $1 token · $2 audit · $3 account · $4 version · $5 changes · $6 reason
select version, known, known_by
  from relink.change_account(p_token => $1, p_audit => $2, p_account => $3, p_version => $4, p_changes => $5, p_reason => $6)
