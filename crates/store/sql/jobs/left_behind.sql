-- Kinds and versions that no worker takes (R-JOB-5).
select kind, version, count(*) as jobs, min(left_at) as since
  from relink.jobs
 where state = 'waiting' and left_at < $1
 group by kind, version
