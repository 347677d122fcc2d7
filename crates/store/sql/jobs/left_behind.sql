-- Kinds and versions that no worker takes (R-JOB-5), a hundred at most; of each no more than $2 jobs are counted.
with recursive kinds as (
    (select j.kind, j.version from relink.jobs j
      where j.state = 'waiting' and j.left_at is not null order by j.kind, j.version limit 1)
    union all
    select n.kind, n.version
      from kinds k
     cross join lateral (
        select j.kind, j.version from relink.jobs j
         where j.state = 'waiting' and j.left_at is not null and (j.kind, j.version) > (k.kind, k.version)
         order by j.kind, j.version limit 1) n
)
select k.kind, k.version, c.jobs, c.since
  from (select kind, version from kinds limit 100) k
 cross join lateral (
    select count(*) as jobs, min(r.left_at) as since
      from (select j.left_at from relink.jobs j
             where j.state = 'waiting' and j.kind = k.kind and j.version = k.version and j.left_at < $1
             order by j.left_at limit $2) r) c
 where c.jobs > 0
