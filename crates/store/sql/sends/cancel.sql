select account_id, send_id from relink.cancel_sends($1::uuid[], $2::uuid[], $3::text[], $4, $5, $6)
