select account_id, send_id, verdict
  from relink.reserve_sends($1::uuid[], $2::uuid[], $3::integer[], $4::float8[], $5::integer[], $6, $7::uuid[])
