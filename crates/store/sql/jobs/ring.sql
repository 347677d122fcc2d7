-- Wakes the relay: jobs were enqueued, in the lanes that each text of $1 names; jobs were closed ($2).
select pg_notify(r.channel, r.payload)
  from (select 'relink_jobs' as channel, lanes as payload from unnest($1::text[]) as e(lanes)
        union all
        select 'relink_closed', '' where $2::boolean) as r
