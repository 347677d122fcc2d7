-- $1 at · $2 grace_s · $3 limit
-- Accounts whose newest attempt may make a session, and has named none: the newest first. Those whose link was usable until a
-- moment ago; who comes later is found by the watch for orphans.
select l.account_id
  from relink.link_attempts l
  join relink.accounts a on a.id = l.account_id
 where l.closed_at is null and l.ends_at > $1 and l.session_id is null and l.purpose in ('first', 'create', 'restore')
   and $1 < l.link_ends_at + make_interval(secs => $2)
   and (a.session_id is null or l.purpose = 'create')
   and a.status in ('connecting', 'missing', 'reconnect_needed', 'action_required')
   and not exists (select from relink.link_attempts n
                    where n.account_id = l.account_id and (n.started_at, n.id) > (l.started_at, l.id))
   and not exists (select from relink.jobs j
                    where j.account_id = l.account_id and j.kind = 'orphan.link' and j.state in ('waiting', 'leased'))
 order by l.started_at desc
 limit $3
