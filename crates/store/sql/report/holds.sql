-- $1 since · $2 at
-- Holds that began since then, and whether rows say what they are for. For small fleets.
select a.name, a.session_id, h.reason, h.since, h.note,
       h.ended_at is null and (h.ends_at is null or h.ends_at > $2) as is_in_force,
       case h.reason
       when 'operator' then exists (select from relink.operator_audit o
                                     where o.action = 'account.hold' and o.subject = a.id::text and o.at >= $1)
       when 'subscription' then exists (select from relink.subscriptions u
                                         where u.workspace_id = a.workspace_id and u.ended_at is not null)
       else false end as is_asked_for
  from relink.account_holds h
  join relink.accounts a on a.id = h.account_id
 where h.since >= $1
 order by h.since, a.name
