-- $1 slot · $2 seen_at · $3 session_id · $4 kind · $5 name · $6 health · $7 words · $8 identity · $9 handle · $10 created_at
insert into relink.sessions_seen (session_id, slot, seen_at, first_seen, kind, name, health, words, identity, handle, created_at)
select distinct on (session_id) session_id, $1, $2, $2, kind, name, health, string_to_array(words, ','), identity, handle, created_at
  from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[])
       as s(session_id, kind, name, health, words, identity, handle, created_at)
on conflict (session_id) do update
   set slot = excluded.slot, seen_at = excluded.seen_at, kind = excluded.kind, name = excluded.name,
       health = excluded.health, words = excluded.words, identity = excluded.identity, handle = excluded.handle
