-- $1 token · $2 audit · $3 ids · $4 code · $5 reason
select id, code, subject from relink.ack_alerts(p_token => $1, p_audit => $2, p_ids => $3, p_code => $4, p_reason => $5)
