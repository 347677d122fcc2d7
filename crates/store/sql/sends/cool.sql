-- $1 account_id · $2 action · $3 until · $4 code · $5 streak
insert into relink.send_cooldowns (account_id, action, until, code, streak)
select account_id, action, until, code, streak
  from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::smallint[]) as c(account_id, action, until, code, streak)
on conflict (account_id, action) do update set until = excluded.until, code = excluded.code, streak = excluded.streak
