-- $1 accounts · $2 at
-- Accounts with their newest attempt, whether that may still bind (R-LNK-3), and the times of all whose names are good,
-- those that overlap as one: however often an owner clicked, a day has room for few.
select a.id, a.workspace_id, a.status_version, a.status::text as status, a.status_since, a.session_id, a.identity,
       a.kind, a.handle, a.kept_session, t.id as attempt_id, t.started_at,
       t.session_id as attempt_session, coalesce(t.closed_at is null and t.ends_at > $2, false) as may_bind,
       w.opens_at, w.closes_at
  from relink.accounts a
  left join lateral (select l.id, l.started_at, l.ends_at, l.session_id, l.closed_at
                       from relink.link_attempts l
                      where l.account_id = a.id
                      order by l.started_at desc, l.id desc limit 1) t on true
  left join lateral (select array_agg(lower(u.span) order by u.span) as opens_at,
                            array_agg(upper(u.span) order by u.span) as closes_at
                       from unnest((select range_agg(tstzrange(l.started_at, l.link_ends_at, '[]'))
                                      from relink.link_attempts l
                                     where l.account_id = a.id and l.ends_at > $2
                                       and l.started_at <= l.link_ends_at)) as u(span)) w on true
 where a.id = any ($1)
 order by a.id
