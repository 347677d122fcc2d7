-- $1 token · $2 audit · $3 campaign · $4 from · $5 enrollments · $6 accounts · $7 reason
select relink.reassign_enrollments(p_token => $1, p_audit => $2, p_campaign => $3, p_from => $4, p_enrollments => $5,
                                   p_accounts => $6, p_reason => $7) as moved
