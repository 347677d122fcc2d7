-- $1 seen_at · $2 session_id · $3 kind · $4 name · $5 health · $6 words · $7 odd_words · $8 side_health · $9 identity · $10 handle · $11 created_at · $12 fingerprint
-- New sessions, before a run of the watch lists them: as watch/record.sql notes them, under the newest run that listed, and
-- never over what a run noted. Words are joined by U+001F.
insert into relink.sessions_seen
       (session_id, slot, seen_at, first_seen, kind, name, health, words, odd_words, side_health, identity, handle, created_at,
        fingerprint)
select session_id, coalesce((select max(r.slot) from relink.watch_runs r where r.listed_at is not null), $1), $1, $1, kind, name,
       health, string_to_array(words, e'\x1f'), string_to_array(odd_words, e'\x1f'), side_health, identity, handle, created_at,
       fingerprint
  from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
              $11::timestamptz[], $12::bigint[])
       as s(session_id, kind, name, health, words, odd_words, side_health, identity, handle, created_at, fingerprint)
on conflict (session_id) do nothing
