-- What the fleet's bound is made of: sessions of the newest complete listing, whether there are several workspaces, and
-- calls on their way; one that began so long ago ended with its worker.
select coalesce((select w.sessions from relink.watch_runs w where w.listed_at is not null order by w.slot desc limit 1), 0) as sessions,
       (select count(*) from (select from relink.workspaces limit 2) w) as workspaces,
       (select count(*) from relink.restarts r
         where r.state = 'calling' and r.called_at > $1::timestamptz - make_interval(secs => 300 * relink.clock_rate())) as in_flight
