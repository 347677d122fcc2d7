insert into relink.campaign_steps (campaign_id, step, action, wait)
select c, s.step, s.action, s.wait
  from unnest($1::uuid[]) as c
 cross join (values (1::smallint, 'invite', interval '0'), (2::smallint, 'message', interval '2 days'),
                    (3::smallint, 'message', interval '4 days')) as s(step, action, wait)
