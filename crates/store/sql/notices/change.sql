-- $1 account_id · $2 episode · $3 step · $4 seen_state · $5 seen_tries · $6 state · $7 tries · $8 due_at · $9 why · $10 code · $11 trouble · $12 is_held · $13 at
-- Rows that moved on since they were read are left alone, also those that a burst holds back meanwhile. What a call knows goes
-- before what others made of its silence.
update relink.notices n
   set state = w.state, tries = w.tries, due_at = coalesce(w.due_at, n.due_at), why = w.why,
       smtp_code = coalesce(w.code, n.smtp_code),
       trouble = case when w.seen_state = 'sending' then w.trouble else n.trouble end,
       held_at = case when w.is_held then $13::timestamptz else n.held_at end,
       ended_at = case when w.state not in ('planned', 'sending') then $13::timestamptz end
  from unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::text[], $5::integer[], $6::text[], $7::integer[], $8::timestamptz[],
              $9::text[], $10::smallint[], $11::text[], $12::boolean[])
       as w(account_id, episode, step, seen_state, seen_tries, state, tries, due_at, why, code, trouble, is_held)
 where n.account_id = w.account_id and n.episode = w.episode and n.step = w.step
   and n.tries = w.seen_tries
   and (n.due_at is not null or w.seen_state <> 'planned')
   and (n.state = w.seen_state or w.seen_state = 'sending' and n.state = 'failed' and n.why = 'unanswered')
returning n.step, n.state
