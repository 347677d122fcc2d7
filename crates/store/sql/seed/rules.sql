insert into relink.send_rules (account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step)
select account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step
  from unnest($1::uuid[], $2::text[], $3::smallint[], $4::smallint[], $5::smallint[], $6::integer[], $7::integer[])
       as r(account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step)
