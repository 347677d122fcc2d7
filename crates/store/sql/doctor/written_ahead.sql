-- Rows of which an instant that is written as "now" lies beyond $1: the scheduler's own, which it sets right, and those whose
-- ends were counted from it, which it must not touch.
select w.what, count(*) as rows, max(w.at) as latest, bool_and(w.heals) as heals
  from (select 'ticks' as what, s.last_slot as at, true as heals from relink.schedules s where s.last_slot > $1
        union all
        select 'pauses', p.paused_at, false from relink.pauses p where p.over_at > $1 and p.paused_at > $1
        union all
        (select 'holds of accounts', h.since, false from relink.account_holds h
          where h.ended_at is null and h.ends_at > $1 and h.since > $1 limit 1000)
        union all
        (select 'cases', c.opened_at, false from relink.cases c where c.opened_at > $1 and c.closed_at is null limit 1000)) w
 group by w.what
 order by w.what
