-- $1 at
-- Episodes of the last 7 and 30 days that ended with the account connected, by kind and cause: who brought them back, and half
-- of them within how long.
select d.days, a.kind, e.cause, count(*) as returned,
       count(*) filter (where e.returned_by = 'restart') as by_restart,
       count(*) filter (where e.returned_by = 'provider') as by_provider,
       count(*) filter (where e.returned_by = 'operator') as by_operator,
       count(*) filter (where e.returned_by = 'owner') as by_owner,
       percentile_cont(0.5) within group (order by extract(epoch from e.ended_at - e.began_at)::float8) as median_s
  from (values (7), (30)) d(days)
  join relink.episodes e on e.returned_by is not null and e.ended_at > $1::timestamptz - make_interval(days => d.days)
  join relink.accounts a on a.id = e.account_id
 group by d.days, a.kind, e.cause
 order by d.days, returned desc, a.kind, e.cause
