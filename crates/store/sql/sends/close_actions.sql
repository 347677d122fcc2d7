-- $1 account_id · $2 action · $3 until · $4 rule · $5 at
-- What a person's act opened since the minute before this look stays open: the look may not have seen what was changed.
-- Accounts that somebody else holds are left alone: they are looked at again.
with free as materialized (
    select a.id from relink.accounts a where a.id = any ($1::uuid[]) order by a.id for no key update skip locked
)
insert into relink.send_closed (account_id, action, until, rule)
select c.account_id, c.action, c.until, c.rule
  from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[]) as c(account_id, action, until, rule)
  join free f on f.id = c.account_id
 order by c.account_id, c.action
on conflict (account_id, action) do update set until = excluded.until, rule = excluded.rule
 where send_closed.reopened_at < $5::timestamptz - interval '1 minute'
