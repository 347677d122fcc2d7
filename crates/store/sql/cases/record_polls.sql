insert into relink.case_polls (case_id, number, started_at, finished_at, answer, why, control_session, control_answer, control_why)
select * from unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[],
                     $7::text[], $8::text[], $9::text[])
on conflict do nothing
