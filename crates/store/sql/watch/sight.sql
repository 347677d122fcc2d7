-- What a step of a listing read. Words are joined by U+001F.
copy relink.sightings (writer, seen_at, session_id, health, is_odd, identity, fingerprint, words, rest) from stdin (format binary)
