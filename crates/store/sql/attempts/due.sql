-- $1 at · $2 grace_s · $3 link_life_s · $4 patience_s · $5 limit
-- Accounts that wait for their owner and whose time is over (R-LNK-10, R-ST-5), those that wait longest first. Each
-- branch reads a small index of those that wait, whatever the size of the fleet.
select w.id as account_id, w.status_version, w.status::text as status, w.status_since, w.session_id, s.health,
       t.id as attempt_id, t.link_ends_at, t.closed_at
  from (select id, status_version, status, status_since, session_id from relink.accounts where status = 'connecting'
        union all
        select id, status_version, status, status_since, session_id from relink.accounts where status = 'action_required') w
  left join lateral (select l.id, l.link_ends_at, l.closed_at,
                            least(l.closed_at, l.link_ends_at + make_interval(secs => $2)) as ended_at
                       from relink.link_attempts l
                      where l.account_id = w.id
                      order by l.started_at desc, l.id desc limit 1) t on true
  -- Of what has not changed since, the newest complete list says that it is still so.
  left join relink.sessions_seen s
    on s.session_id = w.session_id and s.gone_slot is null
   and w.status_since <= greatest(s.seen_at, (select r.started_at from relink.watch_runs r where r.listed_at is not null
                                               order by r.slot desc limit 1))
 where case w.status
       when 'connecting' then coalesce(t.ended_at, w.status_since + make_interval(secs => $2::float8 + $3)) <= $1::timestamptz
       else w.status_since + make_interval(secs => $4) <= $1
            or (w.status_since < t.ended_at and t.ended_at <= $1)
       end
 order by w.status_since, w.id
 limit $5
