-- $1 token · $2 audit · $3 sources · $4 reason
select relink.note_webhooks(p_token => $1, p_audit => $2, p_sources => $3, p_reason => $4) as noted
