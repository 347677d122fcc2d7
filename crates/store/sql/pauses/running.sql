-- Leased jobs of a scope ($1, $2), which a pause lets finish; and those of it that have started once and wait to go on.
select count(*) filter (where j.state = 'leased') as leased,
       count(*) filter (where j.state = 'waiting' and j.attempt > j.redriven) as started,
       (array_agg(j.kind || ' ' || j.id || ' at ' || coalesce(j.leased_by, 'nobody') order by j.leased_until)
            filter (where j.state = 'leased'))[:5] as names
  from (select state, kind, id, leased_by, leased_until, attempt, redriven, queue, workspace_id, account_id
          from relink.jobs where state = 'leased'
        union all
        select state, kind, id, leased_by, leased_until, attempt, redriven, queue, workspace_id, account_id
          from relink.jobs where state = 'waiting' and attempt > redriven) j
 where case $1::text when 'everything' then true
                     when 'queue' then j.queue = $2
                     when 'kind' then j.kind = $2
                     when 'workspace' then j.workspace_id::text = $2
                     else j.account_id::text = $2 end
