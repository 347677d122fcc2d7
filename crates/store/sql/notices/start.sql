-- $1 account_id · $2 episode · $3 step · $4 tries · $5 message_id · $6 at
-- The right to give a mail away: all of its notices, or none. One that a burst holds back meanwhile is not given.
with fit as (
    select n.account_id, n.episode, n.step
      from unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::integer[]) as w(account_id, episode, step, tries)
      join relink.notices n on n.account_id = w.account_id and n.episode = w.episode and n.step = w.step
     where n.state = 'planned' and n.due_at is not null and n.tries = w.tries
       for update of n
)
update relink.notices n
   set state = 'sending', sending_at = $6, message_id = $5
  from fit f
 where n.account_id = f.account_id and n.episode = f.episode and n.step = f.step
   and (select count(*) from fit) = cardinality($1::uuid[])
