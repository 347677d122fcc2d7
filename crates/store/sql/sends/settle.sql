select account_id, send_id
  from relink.settle_sends($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::text[], $8::text[],
                           $9::text[], $10::smallint[], $11::timestamptz[], $12::text[], $13::timestamptz[], $14::boolean[],
                           $15::text[], $16, $17, $18)
