-- One job that is a dead letter, or was one; its payload as a text, for what no program reads is to be shown too.
select j.id, j.queue, j.kind, j.cause, j.workspace_id, j.account_id, j.created_at, j.finished_at, j.attempt, j.failures,
       j.state::text as state, j.run_at, j.version, j.schedule, j.payload::text as payload, j.traceparent
  from relink.jobs j where j.id = $1
