-- What the present step of enrollments says, and to whom. Values are told as texts, so that a number that only PostgreSQL
-- can hold is no trouble. A note counts as refused where its invitation was, once, and notes are closed since.
select e.id as enrollment_id, e.account_id, e.campaign_id, c.workspace_id, e.action, a.tier,
       coalesce(e.step_key, 'step-' || e.step::text) as step_key, t.key is not null as has_step, t.subject, t.body, p.name,
       v.keys, v.said,
       e.action = 'invite' and exists (
           select from relink.send_cooldowns d
            where d.account_id = e.account_id and d.action = 'invite_note' and d.until > $2)
       and (select count(*) from relink.sends s
             where s.account_id = e.account_id and s.action = 'invite' and s.enrollment_id = e.id and s.state = 'refused'
               and s.counted_at > $2::timestamptz - interval '72 hours') = 1 as is_note_refused
  from unnest($1::uuid[]) as q(id)
  join relink.enrollments e on e.id = q.id
  join relink.campaigns c on c.id = e.campaign_id
  join relink.accounts a on a.id = e.account_id
  join relink.prospects p on p.id = e.prospect_id
  left join relink.campaign_steps t on t.campaign_id = e.campaign_id
                                   and t.key = coalesce(e.step_key, 'step-' || e.step::text)
  left join lateral (
       select array_agg(w.key order by w.key) as keys, array_agg(coalesce(w.value, '') order by w.key) as said
         from jsonb_each_text(case when jsonb_typeof(p.variables) = 'object' then p.variables else '{}' end) w
        where jsonb_typeof(p.variables -> w.key) in ('string', 'number', 'null')) v on true
