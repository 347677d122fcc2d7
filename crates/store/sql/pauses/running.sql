-- $1 scope · $2 target · $3 queue · $4 rows
-- Leased jobs of a scope, which a pause lets finish; and those of it that have started once and wait to go on, as far as
-- they are among the first `rows` of the queues that it can hold. Orders are those of the indexes: without one a plan would
-- read the table until it has found enough.
select count(*) filter (where j.state = 'leased') as leased,
       count(*) filter (where j.state = 'waiting') as started,
       (array_agg(j.kind || ' ' || j.id || ' at ' || coalesce(j.leased_by, 'nobody') order by j.leased_until)
            filter (where j.state = 'leased'))[:5] as names
  from ((select state, kind, id, leased_by, leased_until, queue, workspace_id, account_id
           from relink.jobs where state = 'leased' order by leased_until limit $4)
        union all
        (select j.state, j.kind, j.id, j.leased_by, j.leased_until, j.queue, j.workspace_id, j.account_id
           from unnest($3::text[]) as q(queue)
          cross join lateral (
            select s.* from relink.jobs s
             where s.queue = q.queue and s.state = 'waiting' and s.attempt > s.redriven
             order by s.workspace_id, s.kind, s.run_at limit $4) j)) j
 where case $1::text when 'everything' then true
                     when 'queue' then j.queue = $2
                     when 'kind' then j.kind = $2
                     when 'workspace' then j.workspace_id::text = $2
                     else j.account_id::text = $2 end
