-- $1 campaign_id · $2 step · $3 action · $4 wait_s · $5 subject · $6 body
insert into relink.campaign_steps (campaign_id, step, action, wait, subject, body)
select campaign_id, step, action, make_interval(secs => wait_s), subject, body
  from unnest($1::uuid[], $2::smallint[], $3::text[], $4::float8[], $5::text[], $6::text[])
       as s(campaign_id, step, action, wait_s, subject, body)
on conflict (campaign_id, step) do update
   set action = excluded.action, wait = excluded.wait, subject = excluded.subject, body = excluded.body
