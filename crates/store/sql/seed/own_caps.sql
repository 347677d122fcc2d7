-- $1 account_id · $2 action · $3 day · $4 week · $5 lifted_by · $6 note
insert into relink.send_limits (account_id, action, day, week, lifted_by, note)
select account_id, action, day, week, lifted_by, note
  from unnest($1::uuid[], $2::text[], $3::integer[], $4::integer[], $5::text[], $6::text[])
       as l(account_id, action, day, week, lifted_by, note)
