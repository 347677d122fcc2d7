-- $1 token · $2 audit · $3 workspace · $4 version · $5 changes · $6 reason
select relink.change_workspace(p_token => $1, p_audit => $2, p_workspace => $3, p_version => $4, p_changes => $5,
                               p_reason => $6) as version
