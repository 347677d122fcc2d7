-- $1 queue · $2 at · $3 workspace_id · $4 kind
-- When the next job of each lane comes due after `at`; null for none.
select l.nth - 1 as lane,
       (select least(j.run_at, timestamptz '9999-01-01 00:00:00Z') from relink.jobs j
         where j.queue = $1 and j.workspace_id = l.workspace_id and j.kind = l.kind and j.state = 'waiting' and j.run_at > $2
         order by j.run_at limit 1) as next_due
  from unnest($3::uuid[], $4::text[]) with ordinality as l(workspace_id, kind, nth)
