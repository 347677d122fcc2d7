-- A campaign's steps, and how its enrollments stand on each.
select s.step, s.action, extract(epoch from s.wait)::float8 as wait_s,
       count(*) filter (where e.state = 'active' and e.overdue_since is null
                        and e.due_at <= $2 and coalesce(e.not_before, e.due_at) <= $2) as due,
       count(*) filter (where e.state = 'active' and e.overdue_since is null
                        and greatest(e.due_at, e.not_before) > $2 and e.due_at is not null) as waiting,
       count(*) filter (where e.state = 'active' and e.overdue_since is not null) as overdue,
       count(*) filter (where e.state = 'active' and e.due_at is null and e.overdue_since is null) as sending,
       count(*) filter (where e.state = 'done') as done,
       count(*) filter (where e.state = 'stopped') as stopped,
       min(greatest(e.due_at, e.not_before)) filter (
           where e.state = 'active' and e.overdue_since is null and e.due_at is not null and greatest(e.due_at, e.not_before) > $2) as next_due_at
  from relink.campaign_steps s
  left join relink.enrollments e on e.campaign_id = s.campaign_id and coalesce(e.step_key, 'step-' || e.step::text) = s.key
 where s.campaign_id = $1
 group by s.step, s.action, s.wait
 order by s.step
