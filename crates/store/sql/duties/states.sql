-- Where each duty stands; whether a pause holds it back is as of now ($1).
select d.duty, d.every_s, d.counted_from, d.conclusive_at, d.tried_at, d.inconclusive, d.note, d.alerted_at,
       relink.duty_held(p_duty => d.duty, p_queues => d.queues, p_kinds => d.kinds, p_at => $1) as is_held
  from relink.duties d
 order by d.duty
