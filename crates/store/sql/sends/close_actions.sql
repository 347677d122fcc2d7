-- $1 account_id · $2 action · $3 until · $4 rule
insert into relink.send_closed (account_id, action, until, rule)
select account_id, action, until, rule
  from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[]) as c(account_id, action, until, rule)
on conflict (account_id, action) do update set until = excluded.until, rule = excluded.rule
