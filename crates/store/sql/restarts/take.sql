-- $1 minute · $2 workspace_id
-- The same minute of an earlier day is over.
insert into relink.restart_places as p (minute_of_day, workspace_id, minute, taken)
select (minute % 1440)::smallint, workspace_id, minute, count(*)::integer
  from unnest($1::bigint[], $2::uuid[]) as t(minute, workspace_id)
 group by minute, workspace_id
on conflict (workspace_id, minute_of_day) do update
   set taken = excluded.taken + case when p.minute = excluded.minute then p.taken else 0 end, minute = excluded.minute
