-- $1 campaigns
insert into relink.campaign_steps (campaign_id, step, action, wait, body)
select c, s.step, s.action, s.wait, s.body
  from unnest($1::uuid[]) as c
 cross join (values (1::smallint, 'invite', interval '0', 'Hello {{first_name}}, shall we connect?'),
                    (2::smallint, 'message', interval '2 days', 'Thank you for connecting, {{first_name}}.'),
                    (3::smallint, 'message', interval '4 days', 'Is this still of interest, {{first_name}}?'))
       as s(step, action, wait, body)
