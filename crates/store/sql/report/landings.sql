-- $1 since
-- Attempts that ended since then because their account was connected, by what told of the login. For small fleets.
select case j.kind
       when 'links.look' then 'look'
       when 'links.answer' then case e.kind when 'callback' then 'callback' else 'webhook' end
       when 'orphan.link' then coalesce(j.payload ->> 'found_by', 'watcher')
       else 'watcher' end as told_by,
       count(*) as landings
  from relink.link_attempts l
  join relink.account_audit a on a.account_id = l.account_id and a.to_status = 'connected' and a.at = l.closed_at
  left join relink.jobs j on j.id = a.job_id
  left join relink.provider_events e on e.id = (case j.kind when 'links.answer' then j.payload ->> 'event' end)::uuid
 where l.outcome in ('linked', 'repaired') and l.closed_at >= $1::timestamptz
 group by 1
