-- $1 account_id · $2 episode · $3 step · $4 due_at · $5 skipped · $6 at
-- Later steps of episodes, for the reason of their first. They have no cause: what is counted and held back are first ones.
insert into relink.notices (account_id, episode, step, reason, created_at, due_at, state, why, ended_at)
select w.account_id, w.episode, w.step, f.reason, $6::timestamptz, w.due_at,
       case when w.skipped is null then 'planned' else 'skipped' end, w.skipped,
       case when w.skipped is not null then $6::timestamptz end
  from unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::timestamptz[], $5::text[]) as w(account_id, episode, step, due_at, skipped)
  join relink.notices f on f.account_id = w.account_id and f.episode = w.episode and f.step = 0
on conflict do nothing
