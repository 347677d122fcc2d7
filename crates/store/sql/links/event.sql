-- $1 event · $2 came_to · $3 at
update relink.provider_events e
   set came_to = w.came_to, acted_at = $3
  from unnest($1::uuid[], $2::text[]) as w(event, came_to)
 where e.id = w.event
