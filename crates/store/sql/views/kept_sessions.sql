-- $1 after · $2 limit
-- Sessions that disconnected accounts kept (R-DIS-4) and that the newest complete listing or a later one still has: by
-- session, one page of them.
select s.session_id, s.kind, s.health, s.first_seen, s.seen_at, a.id as account_id, a.name, a.workspace_id,
       a.status::text as status, a.status_since
  from relink.accounts a
  join relink.sessions_seen s on s.session_id = a.kept_session
 where s.slot >= (select max(r.slot) from relink.watch_runs r where r.listed_at is not null)
   and s.session_id > $1
 order by s.session_id
 limit $2
