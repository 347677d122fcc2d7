-- For each of some accounts and each action that is not closed until $3: the enrollment whose turn it is. Its campaigns
-- take turns, the one that waited longest first; within a campaign the oldest due goes first (R-HEAL-4), of those that need
-- not wait. While the provider refuses notes, invitations without one go on, also those of a free account that were refused
-- once and are made anew without their note (R-CAP-7).
select f.account_id, f.enrollment_id, f.action,
       relink.cap_in_force(p_own => l.day, p_tier => c.day, p_is_lifted => l.lifted_by is not null) as cap_day,
       relink.cap_in_force(p_own => l.week, p_tier => c.week, p_is_lifted => l.lifted_by is not null) as cap_week,
       d.until as cooldown_until, d.code as cooldown_code, coalesce(d.streak, 0::smallint) as cooldown_streak,
       array(select s.counted_at from relink.sends s
              where s.account_id = f.account_id and s.action = f.action
                and s.counted_at > $2::timestamptz - interval '168 hours' - relink.send_slack()
              order by s.counted_at) as counted,
       array(select b.at from relink.sends_by_hand b cross join generate_series(1, b.count)
              where b.account_id = f.account_id and b.action = f.action
                and b.at > $2::timestamptz - interval '168 hours' - relink.send_slack()
              order by b.at) as by_hand
  from unnest($1::uuid[]) with ordinality as a(id, nth)
 cross join lateral (
    select exists (select from relink.send_cooldowns d
                    where d.account_id = a.id and d.action = 'invite_note' and d.until > $2) as are_closed) n
 cross join lateral (
    select case when n.are_closed then array(
               select s.enrollment_id from relink.sends s join relink.accounts h on h.id = s.account_id and h.tier = 'free'
                where s.account_id = a.id and s.action = 'invite' and s.counted_at > $2::timestamptz - interval '72 hours'
                  and s.state = 'refused' and s.enrollment_id is not null
                group by s.enrollment_id having count(*) = 1) else '{}' end as ids) r
 cross join lateral (
    select o.* from (
        select distinct on (w.action) s.account_id, e.id as enrollment_id, w.action, s.last_planned_at, e.due_at
          from relink.campaign_senders s
          join relink.campaigns k on k.id = s.campaign_id and k.active
         cross join lateral (
            select t.action, not n.are_closed or t.action <> 'invite'
                             or bool_or(coalesce(t.body, '') !~ '[^[:space:]]') as goes_on
              from relink.campaign_steps t where t.campaign_id = k.id group by t.action) w
         cross join lateral (
            (select e.id, e.due_at from relink.enrollments e
              where w.goes_on and e.account_id = a.id and e.campaign_id = k.id and e.action = w.action
                and e.state = 'active' and e.due_at <= $2 and e.overdue_since is null and coalesce(e.not_before, '-infinity') <= $2
                and (not n.are_closed or w.action <> 'invite' or not exists (
                     select from relink.campaign_steps t
                      where t.campaign_id = k.id and t.key = coalesce(e.step_key, 'step-' || e.step::text)
                        and t.body ~ '[^[:space:]]'))
              order by e.due_at, e.id limit 1)
            union all
            (select e.id, e.due_at from relink.enrollments e
              where w.action = 'invite' and e.id = any (r.ids) and e.account_id = a.id and e.campaign_id = k.id
                and e.action = 'invite' and e.state = 'active' and e.due_at <= $2 and e.overdue_since is null
                and coalesce(e.not_before, '-infinity') <= $2
              order by e.due_at, e.id limit 1)
             order by due_at, id limit 1) e
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
