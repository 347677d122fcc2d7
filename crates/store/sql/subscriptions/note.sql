-- $1 first · $2 last · $3 at · $4 day · $5 cutoff · $6 only
-- One notice of each ended subscription: of the last day that it has behind it. `cutoff` is the latest end that has
-- `day` behind it. A day before one that was told already is never told.
insert into relink.workspace_notices (workspace_id, episode, day, created_at)
select s.workspace_id, s.ended_at, max(d.day), $3
  from relink.subscriptions s
  join unnest($4::smallint[], $5::timestamptz[]) as d(day, cutoff) on s.ended_at <= d.cutoff
 where relink.shard_of(s.workspace_id) between $1 and $2
   and ($6::uuid[] is null or s.workspace_id = any ($6))
 group by s.workspace_id, s.ended_at
having not exists (select from relink.workspace_notices n
                    where n.workspace_id = s.workspace_id and n.episode = s.ended_at and n.day >= max(d.day))
on conflict do nothing
