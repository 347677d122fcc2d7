-- $1 after · $2 limit
-- Sessions that disconnected accounts kept (R-DIS-4) and that the newest complete list still has: by session, one page of
-- them.
select s.session_id, s.kind, s.health, s.first_seen, greatest(s.seen_at, n.listed_at) as seen_at, a.id as account_id, a.name, a.workspace_id,
       a.status::text as status, a.status_since
  from relink.accounts a
  join relink.sessions_seen s on s.session_id = a.kept_session
 cross join (select max(r.listed_at) as listed_at from relink.watch_runs r) n
 where s.gone_slot is null
   and s.session_id > $1
 order by s.session_id
 limit $2
