-- $1 queue · $2 after_workspace · $3 after_kind · $4 limit
-- The next lanes of a queue behind one of them, each with the run time of its first waiting job: one step of the index a
-- lane, however many jobs wait in it.
with recursive lane as (
    (select j.workspace_id, j.kind, j.run_at, 1 as nth
       from relink.jobs j
      where j.queue = $1 and j.state = 'waiting' and (j.workspace_id, j.kind) > ($2, $3)
      order by j.workspace_id, j.kind, j.run_at, j.id limit 1)
    union all
    select n.*
      from lane l
     cross join lateral (
        select j.workspace_id, j.kind, j.run_at, l.nth + 1
          from relink.jobs j
         where j.queue = $1 and j.state = 'waiting' and (j.workspace_id, j.kind) > (l.workspace_id, l.kind)
         order by j.workspace_id, j.kind, j.run_at, j.id limit 1) n
     where l.nth < $4
)
select workspace_id, kind,
       least(greatest(run_at, timestamptz '0001-01-02 00:00:00Z'), timestamptz '9999-01-01 00:00:00Z') as run_at
  from lane order by nth
