select id, code, subject from relink.ack_alerts($1, $2, $3, $4, $5)
