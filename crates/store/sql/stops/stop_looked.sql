-- $1 account_id · $2 id · $3 session_id · $4 version · $5 from_status · $6 to_status · $7 cause · $8 observed_at · $9 words
-- $10 at
-- Losses that looks found over the limit; they count to the newest run that was judged. Words are joined by U+001F.
insert into relink.stopped_losses (account_id, id, session_id, version, from_status, to_status, cause, first_run, last_run,
                                   runs, observed_at, words)
select s.account_id, s.id, s.session_id, s.version, s.from_status::relink.account_status, s.to_status::relink.account_status,
       s.cause, r.slot, r.slot, 0, s.observed_at, string_to_array(s.words, e'\x1f')
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
              $9::text[])
       as s(account_id, id, session_id, version, from_status, to_status, cause, observed_at, words)
  join relink.accounts a on a.id = s.account_id and a.status_version = s.version
 cross join lateral (select n.slot from relink.watch_runs n where n.watched is not null and n.slot <= $10
                      order by n.slot desc limit 1) r
 order by s.account_id
on conflict do nothing
