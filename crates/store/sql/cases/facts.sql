-- $1 case · $2 at · $3 together_s · $4 suspects_max
-- One case, and how many other sessions were suspected with it: opened within `together_s` before and after it. A session
-- counts once, and a suspicion that goes on after its case ran out is no new one. Counted to one more than the limit.
select c.id, c.session_id as case_session, c.opened_at, c.closed_at is not null as is_closed,
       c.stopped_at is not null as is_stopped, c.released_at is not null as is_released, c.confirmed_by,
       a.id as account_id, a.workspace_id, a.status_version, a.status::text as status, a.status_since, a.session_id, a.identity,
       t.link_ends_at, t.closed_at as attempt_closed_at,
       coalesce((select r.watched from relink.watch_runs r where r.watched is not null order by r.slot desc limit 1), 0) as fleet,
       (select count(*) from (
            select from relink.cases k
             where k.opened_at >= c.opened_at - make_interval(secs => $3) and k.opened_at <= c.opened_at + make_interval(secs => $3)
               and k.opened_at <= $2
               and k.session_id <> c.session_id and k.verdict is distinct from 'dismissed'
               and not exists (select from relink.cases e
                                where e.session_id = k.session_id and e.opened_at < k.opened_at
                                  and e.opened_at > k.opened_at - interval '48 hours'
                                  and (e.opened_at >= c.opened_at - make_interval(secs => $3) or e.verdict = 'expired'))
             order by k.opened_at
             limit $4::bigint + 1) s) as other_suspects,
       (select count(*) from relink.cases r
         where r.session_id = c.session_id and r.verdict = 'recovered'
           and r.closed_at > $2::timestamptz - interval '24 hours') as recovered_24h
  from relink.cases c
  join relink.accounts a on a.id = c.account_id
  left join lateral (select l.link_ends_at, l.closed_at from relink.link_attempts l
                      where l.account_id = a.id order by l.started_at desc limit 1) t on true
 where c.id = $1
