-- Why enrollments of a campaign ended before its last step.
select coalesce(e.stopped_why, '') as why, count(*) as enrollments
  from relink.enrollments e
 where e.campaign_id = $1 and e.state = 'stopped'
 group by e.stopped_why
 order by count(*) desc, e.stopped_why
