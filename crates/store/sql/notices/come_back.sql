-- $1 accounts · $2 at · $3 told_until
-- Accounts that are connected again: what is planned is looked at soon, and their owners hear of it where a notice of that
-- episode reached them long enough ago.
with planned as (
    update relink.notices n set due_at = $2
     where n.account_id = any ($1) and n.state = 'planned' and n.due_at > $2
)
insert into relink.notices (account_id, episode, step, reason, created_at, due_at)
select f.account_id, f.episode, 4, f.reason, $2, $2
  from relink.episodes e
  join relink.notices f on f.account_id = e.account_id and f.episode = e.began_version and f.step = 0
 where e.account_id = any ($1) and e.ended_at = $2
   and exists (select from relink.notices o
                where o.account_id = f.account_id and o.episode = f.episode and o.state = 'sent' and o.sending_at <= $3)
on conflict do nothing
