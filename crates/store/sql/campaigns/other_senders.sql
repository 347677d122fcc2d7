-- $1 campaign · $2 from · $3 to · $4 limit
-- Accounts that may take over from one: those named, of the campaign's workspace, or its other senders in the rotation;
-- with what is in line at each, by action.
select a.id, coalesce(array_agg(l.action) filter (where l.action is not null), '{}') as actions,
       coalesce(array_agg(l.n) filter (where l.action is not null), '{}') as counts
  from relink.accounts a
  join relink.campaigns c on c.id = $1 and c.workspace_id = a.workspace_id
  left join lateral (
       select e.action, count(*) as n from relink.enrollments e
        where e.account_id = a.id and e.state = 'active' group by e.action) l on true
 where a.id <> $2 and a.status = 'connected'
   and case when $3::uuid[] is not null then a.id = any ($3)
            else exists (select from relink.campaign_senders s
                          where s.campaign_id = c.id and s.account_id = a.id and s.in_rotation) end
 group by a.id
 order by a.id
 limit $4
