-- $1 at · $2 before · $3 only
-- Sessions that the newest list shows in trouble: once they are healthy again, their verification begins anew. Not for
-- those that it did so since `before`, or one that comes and goes would be asked at each run.
update relink.verifications v
   set tries = 0, next_at = $1, reset_at = $1
  from relink.sessions_seen s
 where v.tries > 0 and s.session_id = v.session_id and s.gone_slot is null and s.health <> 'ok'
   and (v.reset_at is null or v.reset_at <= $2)
   and ($3::uuid[] is null or v.account_id = any ($3))
