-- $1 accounts · $2 reason · $3 at
-- A notice of an episode that goes on for long: its cause is the episode's, and it waits for no second look.
insert into relink.notices (account_id, episode, reason, created_at, cause, due_at)
select e.account_id, e.began_version, $2, $3, e.cause, $3
  from relink.episodes e
 where e.account_id = any ($1) and e.ended_at is null
on conflict do nothing
