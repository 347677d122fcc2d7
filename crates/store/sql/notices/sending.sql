-- $1 account_id · $2 episode · $3 step · $4 tries
-- Notices of a mail that was given away, as far as nobody knows their end.
select n.account_id, n.episode, n.step, n.tries
  from unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::integer[]) with ordinality as w(account_id, episode, step, tries, nth)
  join relink.notices n on n.account_id = w.account_id and n.episode = w.episode and n.step = w.step
 where n.tries = w.tries and (n.state = 'sending' or n.state = 'failed' and n.why = 'unanswered')
 order by w.nth
