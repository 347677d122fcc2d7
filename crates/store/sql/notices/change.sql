-- $1 account_id · $2 episode · $3 step · $4 seen_state · $5 seen_tries · $6 state · $7 tries · $8 due_at · $9 why · $10 code · $11 is_held · $12 at
-- Rows that moved on since they were read are left alone. What a call knows goes before what others made of its silence.
update relink.notices n
   set state = w.state, tries = w.tries, due_at = coalesce(w.due_at, n.due_at), why = w.why,
       smtp_code = coalesce(w.code, n.smtp_code),
       held_at = case when w.is_held then $12::timestamptz else n.held_at end,
       ended_at = case when w.state not in ('planned', 'sending') then $12::timestamptz end
  from unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::text[], $5::integer[], $6::text[], $7::integer[], $8::timestamptz[],
              $9::text[], $10::smallint[], $11::boolean[])
       as w(account_id, episode, step, seen_state, seen_tries, state, tries, due_at, why, code, is_held)
 where n.account_id = w.account_id and n.episode = w.episode and n.step = w.step
   and n.tries = w.seen_tries
   and (n.state = w.seen_state or w.seen_state = 'sending' and n.state = 'failed' and n.why = 'unanswered')
returning n.step, n.state
