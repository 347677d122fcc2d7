-- $1 id · $2 queue · $3 kind · $4 version · $5 cause · $6 workspace_id · $7 account_id · $8 schedule · $9 payload
-- $10 run_at · $11 traceparent
insert into relink.jobs (id, queue, kind, version, cause, workspace_id, account_id, schedule, payload, run_at, traceparent)
select id, queue, kind, version, cause, workspace_id, account_id, schedule, payload, run_at, traceparent
  from unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::uuid[], $7::uuid[], $8::text[],
              $9::jsonb[], $10::timestamptz[], $11::text[])
       as asked(id, queue, kind, version, cause, workspace_id, account_id, schedule, payload, run_at, traceparent)
on conflict (cause) do nothing
returning id
