-- $1 slot · $2 seen_at · $3 session_id · $4 kind · $5 name · $6 health · $7 words · $8 odd_words · $9 side_health · $10 identity · $11 handle · $12 created_at · $13 fingerprint · $14 at
-- Words are joined by U+001F. Of a session that could not be read (no kind) only its state is news. Nothing goes back
-- to an older run: a job that is run again late finds newer rows and leaves them, unless they are of a future that the
-- clock has taken back.
insert into relink.sessions_seen as known
       (session_id, slot, seen_at, first_seen, kind, name, health, words, odd_words, side_health, identity, handle, created_at,
        fingerprint)
select session_id, $1, seen_at, seen_at, kind, name, health, string_to_array(words, e'\x1f'),
       string_to_array(odd_words, e'\x1f'), side_health, identity, handle, created_at, fingerprint
  from unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
              $11::text[], $12::timestamptz[], $13::bigint[])
       as s(seen_at, session_id, kind, name, health, words, odd_words, side_health, identity, handle, created_at, fingerprint)
on conflict (session_id) do update
   set slot = excluded.slot, seen_at = excluded.seen_at, health = excluded.health, words = excluded.words,
       odd_words = excluded.odd_words, side_health = excluded.side_health, fingerprint = excluded.fingerprint, gone_slot = null,
       kind = case when excluded.kind = '' then known.kind else excluded.kind end,
       name = case when excluded.kind = '' then known.name else excluded.name end,
       identity = case when excluded.kind = '' then known.identity else excluded.identity end,
       handle = case when excluded.kind = '' then known.handle else excluded.handle end,
       created_at = case when excluded.kind = '' then known.created_at else excluded.created_at end
 where known.slot <= excluded.slot or known.slot > $14
