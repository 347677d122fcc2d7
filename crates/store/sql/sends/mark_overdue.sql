-- $1 shards · $2 at · $3 limit · $4 only
-- Enrollments that came due longer ago than their campaign lets a step be late, of accounts of some shards: they wait for
-- a person from now on (R-CAM-7). The first step of a campaign is late for nobody. What is late is marked once, so a
-- backlog that stands is not read again.
with late as (
    select e.id
      from relink.accounts a
      join relink.campaign_senders s on s.account_id = a.id
      join relink.campaigns k on k.id = s.campaign_id and k.active
     cross join lateral (
        select distinct t.action from relink.campaign_steps t where t.campaign_id = k.id) w
     cross join lateral (
        select e.id from relink.enrollments e
         where e.account_id = a.id and e.campaign_id = k.id and e.action = w.action and e.state = 'active'
           and e.due_at <= $2::timestamptz - k.max_lateness and e.overdue_since is null
           and e.step > (select min(t.step) from relink.campaign_steps t where t.campaign_id = k.id)
         order by e.due_at, e.id limit $3::bigint) e
     where a.shard = any ($1::smallint[]) and ($4::uuid[] is null or a.id = any ($4))
     limit $3
), marked as (
    update relink.enrollments e
       set overdue_since = $2
      from (select e.id from relink.enrollments e join late on late.id = e.id join relink.accounts a on a.id = e.account_id
             order by a.id, e.id for no key update of a skip locked for update of e skip locked) l
     where e.id = l.id and e.state = 'active' and e.due_at is not null and e.overdue_since is null
    returning e.campaign_id
)
select campaign_id, count(*) as enrollments from marked group by campaign_id
