-- The attempt number is the fence: every later write of this run says `and attempt = $n`.
update relink.jobs j
   set state = 'leased', attempt = j.attempt + 1, leased_until = $5, leased_by = $6
 where j.id = any ($1) and j.kind = $2 and j.version between 1 and $3
   and j.state = 'waiting' and j.run_at <= $4
   and not exists (
       select from relink.pauses p
        where p.lifted_at is null and (p.ends_at is null or p.ends_at > $4)
          and case p.scope when 'everything' then true
                           when 'queue' then p.target = j.queue
                           when 'kind' then p.target = j.kind
                           when 'workspace' then p.target = j.workspace_id::text
                           else p.target = j.account_id::text end)
returning j.id, j.version, j.workspace_id, j.account_id, j.schedule, j.payload, j.attempt, j.failures, j.created_at, j.run_at, j.traceparent
