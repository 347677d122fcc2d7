-- What a look at an unknown outcome is judged with.
select s.account_id, s.id, s.workspace_id, s.campaign_id, s.action, s.sending_at, s.looks, s.absences, s.last_absence_at,
       coalesce(d.streak, 0::smallint) as cooldown_streak
  from relink.sends s
  left join relink.send_cooldowns d on d.account_id = s.account_id and d.action = s.action
 where s.account_id = $1 and s.id = $2 and s.state = 'unknown'
