-- $1 account_id · $2 zone · $3 start_minute · $4 end_minute · $5 days · $6 ramp_start · $7 ramp_step
insert into relink.send_rules (account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step)
select account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step
  from unnest($1::uuid[], $2::text[], $3::smallint[], $4::smallint[], $5::smallint[], $6::integer[], $7::integer[])
       as r(account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step)
