-- For each of some accounts and each action that is not closed until $3: the enrollment whose turn it is. Its campaigns
-- take turns, the one that waited longest first; within a campaign the oldest due goes first (R-HEAL-4).
select f.account_id, f.enrollment_id, f.action,
       case when l.lifted_by is not null then coalesce(l.day, c.day) else least(l.day, c.day) end as cap_day,
       case when l.lifted_by is not null then coalesce(l.week, c.week) else least(l.week, c.week) end as cap_week,
       d.until as cooldown_until, d.code as cooldown_code, coalesce(d.streak, 0::smallint) as cooldown_streak,
       array(select s.counted_at from relink.sends s
              where s.account_id = f.account_id and s.action = f.action
                and s.counted_at > $2::timestamptz - interval '168 hours' - relink.send_slack()
              order by s.counted_at) as counted
  from unnest($1::uuid[]) with ordinality as a(id, nth)
 cross join lateral (
    select o.* from (
        select distinct on (w.action) s.account_id, e.id as enrollment_id, w.action, s.last_planned_at, e.due_at
          from relink.campaign_senders s
          join relink.campaigns k on k.id = s.campaign_id and k.active
         cross join lateral (select distinct t.action from relink.campaign_steps t where t.campaign_id = k.id) w
         cross join lateral (
            select e.id, e.due_at from relink.enrollments e
             where e.account_id = a.id and e.campaign_id = k.id and e.action = w.action
               and e.state = 'active' and e.due_at <= $2 and e.overdue_since is null
             order by e.due_at, e.id limit 1) e
         where s.account_id = a.id and s.in_rotation
           and not exists (select from relink.campaign_pauses p where p.campaign_id = k.id and p.lifted_at is null)
           and not exists (select from relink.send_closed x
                            where x.account_id = a.id and x.action = w.action and x.until > $3)
         order by w.action, s.last_planned_at nulls first, e.due_at, e.id) o) f
  join relink.accounts g on g.id = f.account_id
  join relink.send_caps c on c.tier = g.tier and c.action = f.action
  left join relink.send_limits l on l.account_id = f.account_id and l.action = f.action
  left join relink.send_cooldowns d on d.account_id = f.account_id and d.action = f.action
 order by a.nth, f.last_planned_at nulls first, f.due_at
