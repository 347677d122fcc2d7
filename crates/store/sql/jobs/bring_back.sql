-- $1 after · $2 batch · $3 at
-- Of the jobs that follow an id, those whose time a clock wrote that was ahead: they were made later than now, or failed later
-- than now. They wait from now on as long as they were to wait then. What was planned by a right clock stays.
with page as (
    select j.id from relink.jobs j where j.id > $1 order by j.id limit $2
), ahead as (
    select j.id, w.meant_from
      from page p
      join relink.jobs j on j.id = p.id
     cross join lateral (
         select greatest(case when j.created_at > $3 then j.created_at end,
                         (select max(f.at) from relink.job_failures f
                           where f.job_id = j.id and f.at > $3 and f.at <= j.run_at)) as meant_from) w
     where j.state = 'waiting' and j.run_at > $3 and (j.created_at > $3 or j.failures > 0) and w.meant_from is not null
       -- One that somebody works on is about to be written anew.
       for update of j skip locked
), moved as (
    update relink.jobs j
       set run_at = $3::timestamptz + greatest(j.run_at - a.meant_from, interval '0'), created_at = least(j.created_at, $3)
      from ahead a
     where a.id = j.id
    returning j.id
)
select (select p.id from page p order by p.id desc limit 1) as last, (select count(*) from moved) as moved
