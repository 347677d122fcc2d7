-- $1 name · $2 queues · $3 build · $4 at
-- A sign of life. Answers since when others have had what this worker had in hand, as it was before: null, if they have not.
insert into relink.workers as w (name, queues, build, started_at, seen_at, beats)
values ($1, $2, $3, $4, $4, 1)
    on conflict (name) do update
   set queues = excluded.queues, build = excluded.build, seen_at = excluded.seen_at, beats = w.beats + 1, lost_at = null
returning w.beats, (select b.lost_at from relink.workers b where b.name = $1) as lost_at
