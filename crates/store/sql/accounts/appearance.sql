-- Accounts as people see them, all of it of one instant $2: what a pill, an action and every view of an account are made
-- of (R-ST-4). A complete list looked at each linked session, there or not; one with many nameless items only at those that
-- are there.
select a.id, a.kind, a.status::text as status, a.status_since, a.checkpoint, a.first_connected_at, a.merged_into, c.cause,
       r.zone, r.zone_from, greatest(a.verified_at, l.sending_at) as last_activity_at,
       case when a.session_id is not null then greatest(a.verified_at, s.seen_at, n.listed_at, case when s.gone_slot is null and s.session_id is not null
                                                        then m.listed_at end) end as checked_at,
       case when t.account_id is not null and t.closed_at is null then t.link_ends_at
            when t.account_id is null and a.status = 'connecting' then a.status_since + interval '30 minutes' end as link_ends_at,
       s.side_health, h.reasons as hold_reasons, h.ends as hold_ends,
       case when e.ended_at is null then e.began_at end as episode_began_at,
       case when e.ended_at is null then e.cause end as episode_cause,
       case when e.ended_at is null then e.began_version end as episode_version,
       case when a.status = 'connected' then e.proved_at end as working_since,
       y.restarts, y.next_restart_at
  from unnest($1::uuid[]) as q(id)
  join relink.accounts a on a.id = q.id
 cross join lateral relink.rules_at(a.id) r
  left join relink.sessions_seen s on s.session_id = a.session_id
  left join (select w.listed_at from relink.watch_runs w where w.is_whole and w.listed_at is not null
              order by w.slot desc limit 1) n on true
  left join (select w.listed_at from relink.watch_runs w where w.listed_at is not null
              order by w.slot desc limit 1) m on true
  left join lateral (
       select o.sending_at from relink.sends o
        where o.account_id = a.id and o.state = 'sent' order by o.sending_at desc limit 1) l on true
  left join lateral (
       select k.account_id, k.closed_at, k.link_ends_at from relink.link_attempts k
        where k.account_id = a.id order by k.started_at desc, k.id desc limit 1) t on true
 cross join lateral (
       select coalesce(array_agg(o.reason order by o.reason), '{}') as reasons,
              coalesce(array_agg(o.ends_at order by o.reason), '{}') as ends
         from (select k.reason, k.ends_at from relink.account_holds k
                where k.account_id = a.id and relink.hold_in_force(p_ended_at => k.ended_at, p_ends_at => k.ends_at, p_at => $2)
               union all
               select 'copy', null from relink.witness w where w.copy_since is not null) o) h
  left join lateral (
       select u.cause from relink.account_audit u
        where u.account_id = a.id and u.version = a.status_version limit 1) c on true
  left join lateral (
       select p.began_version, p.began_at, p.cause, p.ended_at, p.proved_at from relink.episodes p
        where p.account_id = a.id order by p.began_version desc limit 1) e on true
 cross join lateral (
       select (select count(*) from relink.restarts m
                where a.status = 'recovering' and m.account_id = a.id and m.version = a.status_version
                  and m.called_at is not null) as restarts,
              (select min(j.run_at) from relink.jobs j
                where a.status = 'recovering' and j.account_id = a.id and j.kind = 'sessions.recover'
                  and j.state in ('waiting', 'leased')) as next_restart_at) y
