-- $1 account_id · $2 id · $3 session_id · $4 evidence · $5 at · $6 waits_s · $7 dismissed_s
-- A session that answered again and again while lists left it out is suspected less and less often: after its first,
-- second, … case of a day that ended so, the next one waits that many seconds (`waits_s`). Nor is one that an
-- operator called well, nor is an account's that went missing since the run compared it.
insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence)
select w.account_id, w.id, w.session_id, a.status_version, $5, w.evidence
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[]) as w(account_id, id, session_id, evidence)
  join relink.accounts a on a.id = w.account_id and a.session_id = w.session_id and a.status not in ('missing', 'disconnected')
 cross join lateral (select count(*)::integer as times, max(c.closed_at) as last from relink.cases c
                      where c.session_id = w.session_id and c.verdict = 'recovered'
                        and c.closed_at > $5::timestamptz - interval '24 hours') r
 where (r.times = 0 or r.last + make_interval(secs => ($6::float8[])[least(r.times, cardinality($6))]) <= $5)
   and not exists (select from relink.cases d
                    where d.session_id = w.session_id and d.verdict = 'dismissed'
                      and d.closed_at > $5 - make_interval(secs => $7))
on conflict (session_id) where closed_at is null do nothing
returning id, account_id, (select workspace_id from relink.accounts a where a.id = cases.account_id) as workspace_id
