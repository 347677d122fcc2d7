-- $1 queue · $2 kind · $3 due · $4 later · $5 paused · $6 is_more · $7 due_age_s · $8 at
-- What the leader's last laps found; nothing of what they did not find.
with found as (
    select * from unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::integer[], $6::boolean[], $7::float8[])
        as f(queue, kind, due, later, paused, is_more, due_age_s)
), noted as (
    insert into relink.queue_depths (queue, kind, due, later, paused, is_more, due_age_s, looked_at)
    select f.queue, f.kind, f.due, f.later, f.paused, f.is_more, f.due_age_s, $8::timestamptz from found f
    on conflict (queue, kind) do update
       set due = excluded.due, later = excluded.later, paused = excluded.paused, is_more = excluded.is_more,
           due_age_s = excluded.due_age_s, looked_at = excluded.looked_at
)
update relink.queue_depths d
   set due = 0, later = 0, paused = 0, is_more = false, due_age_s = null, looked_at = $8
 where d.due + d.later + d.paused > 0 and not exists (select from found f where f.queue = d.queue and f.kind = d.kind)
