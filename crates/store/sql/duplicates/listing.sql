-- For removals one item without a name is one too many.
select r.listed_at, r.is_whole and r.unnamed = 0 as is_whole
  from relink.watch_runs r
 where r.listed_at is not null
 order by r.slot desc
 limit 1
