-- $1 token · $2 audit · $3 workspace · $4 ends_at · $5 reason
select accounts, campaigns
  from relink.subscribe_workspace(p_token => $1, p_audit => $2, p_workspace => $3, p_ends_at => $4, p_reason => $5)
