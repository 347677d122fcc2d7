-- Those of sessions $1 that no list has shown so far.
select t.id
  from unnest($1::text[]) as t(id)
 where not exists (select from relink.sessions_seen s where s.session_id = t.id and s.gone_slot is null)
