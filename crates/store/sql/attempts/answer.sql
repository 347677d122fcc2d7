-- $1 account · $2 attempt · $3 session · $4 state · $5 at
-- Binds what the owner did to the newest attempt that is open, in one statement: an older one, a closed one, one that has named
-- another session, or one whose name has ended changes nothing. Its account is locked.
update relink.link_attempts l
   set state = $4, session_id = $3, answered_at = coalesce(l.answered_at, $5)
 where l.account_id = $1 and l.id = $2 and l.closed_at is null and l.ends_at > $5
   and (l.session_id is null or l.session_id = $3)
   and not exists (select from relink.link_attempts n
                    where n.account_id = l.account_id and (n.started_at, n.id) > (l.started_at, l.id))
