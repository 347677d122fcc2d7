-- $1 case_id · $2 number · $3 started_at · $4 finished_at · $5 answer · $6 why · $7 control_session · $8 control_answer
-- $9 control_why
insert into relink.case_polls (case_id, number, started_at, finished_at, answer, why, control_session, control_answer, control_why)
select case_id, number, started_at, finished_at, answer, why, control_session, control_answer, control_why
  from unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[],
              $7::text[], $8::text[], $9::text[])
       as p(case_id, number, started_at, finished_at, answer, why, control_session, control_answer, control_why)
on conflict do nothing
