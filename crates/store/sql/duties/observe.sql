-- $1 at · $2 only
-- What rows tell of duties. A run of the watch is conclusive by its outcome, a run of any other schedule once every job of
-- its tick is done, unless its jobs say that they could decide nothing. Looks are bounded: nothing older than the time in
-- which a duty would be blind makes it conclusive, and nothing that ended later than now: a clock that was ahead wrote that.
with unfinished as (
    select distinct j.schedule, j.payload ->> 'slot' as slot
      from relink.jobs j
     where j.schedule is not null and j.state in ('waiting', 'leased')
    union
    select j.schedule, j.payload ->> 'slot'
      from relink.jobs j
     where j.state = 'dead' and j.schedule is not null and j.finished_at > $1::timestamptz - interval '5 days'
), runs as (
    select max(r.finished_at) filter (where r.outcome <> 'inconclusive') as conclusive_at, max(r.finished_at) as tried_at
      from relink.watch_runs r
     where r.slot > $1 - interval '1 day' and r.finished_at < $1 + interval '1 minute'
), blind_runs as (
    select count(*)::integer as inconclusive, (array_agg(coalesce(r.note, 'no reason') order by r.finished_at desc))[1] as note
      from relink.watch_runs r
     cross join runs
     where r.slot > $1 - interval '1 day' and r.outcome = 'inconclusive'
       and (runs.conclusive_at is null or r.finished_at > runs.conclusive_at)
), told as (
    select d.duty, i.is_idle, d.duty = 'status.watch' as is_watch,
           case when d.duty = 'status.watch' then w.conclusive_at else j.finished_at end as conclusive_at,
           w.tried_at, b.inconclusive, b.note,
           -- What no schedule asks for owes nothing until it ran and could decide nothing.
           relink.duty_held(p_duty => d.duty, p_queues => d.queues, p_kinds => d.kinds, p_at => $1)
               or (s.name is null and (i.is_idle or d.inconclusive = 0)) as is_excused
      from relink.duties d
      left join runs w on d.duty = 'status.watch'
      left join blind_runs b on d.duty = 'status.watch'
     cross join lateral (
         -- Nothing is left that they could not decide.
         select case d.duty when 'confirm.poll' then not exists (select from relink.cases c where c.closed_at is null)
                            when 'sends.settle' then not exists (select from relink.sends u where u.state = 'unknown')
                            else false end as is_idle) i
      left join relink.schedules s on s.name = d.duty
      left join lateral (
         select j.finished_at
           from relink.jobs j
          where j.schedule = d.duty and j.state = 'done'
            and j.finished_at > greatest(d.conclusive_at, $1 - make_interval(secs => 4 * d.every_s + 600))
            and j.finished_at < $1 + interval '1 minute'
            and not exists (select from unfinished u where u.schedule = j.schedule and u.slot = j.payload ->> 'slot')
          order by j.finished_at desc
          limit 1) j
        on d.duty <> 'status.watch'
           -- A look for a send may fail, and the next be hours away: only the third in a row says that none succeeds.
           and (i.is_idle or d.inconclusive < case d.duty when 'sends.settle' then 3 else 1 end)
), news as materialized (
    select t.*
      from told t
      join relink.duties d on d.duty = t.duty
     where ($2::text[] is null or t.duty = any ($2))
       and (t.is_excused or t.is_idle and d.inconclusive > 0
            or d.conclusive_at is distinct from greatest(d.conclusive_at, t.conclusive_at)
            or t.is_watch and (d.tried_at is distinct from greatest(d.tried_at, t.tried_at)
                               or (d.inconclusive, d.note) is distinct from (t.inconclusive, t.note)))
), locked as materialized (
    -- In one order, as in duties/declare.sql.
    select d.duty from relink.duties d where d.duty in (select n.duty from news n) order by d.duty for no key update
)
update relink.duties d
   set conclusive_at = greatest(d.conclusive_at, t.conclusive_at),
       tried_at = greatest(d.tried_at, t.tried_at),
       inconclusive = case when t.is_watch then t.inconclusive when t.is_idle then 0 else d.inconclusive end,
       note = case when t.is_watch then t.note when t.is_idle then null else d.note end,
       counted_from = case when t.is_excused then greatest(d.counted_from, $1) else d.counted_from end
  from news t
  join locked l on l.duty = t.duty
 where t.duty = d.duty
