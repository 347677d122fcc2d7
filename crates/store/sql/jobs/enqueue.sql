insert into relink.jobs (id, queue, kind, version, cause, workspace_id, account_id, schedule, payload, run_at, traceparent)
select id, queue, kind, version, cause, workspace_id, account_id, schedule, payload, run_at, traceparent
  from unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::uuid[], $7::uuid[], $8::text[],
              $9::jsonb[], $10::timestamptz[], $11::text[])
       as asked(id, queue, kind, version, cause, workspace_id, account_id, schedule, payload, run_at, traceparent)
on conflict (cause) do nothing
returning id
