-- Other sends of the account by which something was said in the time that a look has to explain: a week before this one
-- and since; where the provider's clock is not known, two months. What is forgotten of their texts is null.
select o.id, o.state, o.reference, o.sending_at, lower(btrim(o.target)) = lower(btrim(s.target)) as is_to_target,
       case when o.subject is not null or o.body is not null
            then (o.subject, o.body) is not distinct from (s.subject, s.body) end as is_same_text
  from relink.sends s
  join relink.sends o on o.account_id = s.account_id and o.id <> s.id
   and o.action = any (case when s.action = 'email' then array['email'] else array['message', 'inmail'] end)
   and o.counted_at > s.counted_at - case when s.shown_at is null then interval '60 days' else interval '7 days' end
 where s.account_id = $1 and s.id = $2 and o.state in ('sending', 'sent', 'unknown') and o.sending_at is not null
