-- $1 attempt · $2 session
update relink.link_attempts l
   set candidate_session = w.session
  from unnest($1::uuid[], $2::text[]) as w(attempt, session)
 where l.id = w.attempt and l.candidate_session is null
