-- $1 account_id · $2 action · $3 until · $4 rule · $5 at
-- What a person's act opened since the minute before this look stays open: the look may not have seen what was changed.
insert into relink.send_closed (account_id, action, until, rule)
select account_id, action, until, rule
  from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[]) as c(account_id, action, until, rule)
on conflict (account_id, action) do update set until = excluded.until, rule = excluded.rule
 where send_closed.reopened_at < $5::timestamptz - interval '1 minute'
