-- What became of all sends, and what of it must not be: counted from the rows alone. $1: when this run began.
select count(*) filter (where s.state in ('sent', 'refused', 'failed')) as settled,
       count(*) filter (where s.state = 'sent') as sent,
       count(*) filter (where s.state = 'refused') as refused,
       count(*) filter (where s.state = 'failed') as failed,
       count(*) filter (where s.state = 'cancelled') as cancelled,
       count(*) filter (where s.state in ('planned', 'reserved', 'sending')) as open,
       count(*) filter (where s.was_unknown or s.state = 'unknown') as unknown,
       count(*) filter (where s.was_unknown and s.state in ('sent', 'refused', 'failed')) as unknown_resolved,
       count(*) filter (where s.state = 'unknown' and s.look_at is not null) as unknown_looked_for,
       count(*) filter (where s.state = 'unknown' and s.look_at is not null and s.action = 'profile_view') as unknown_traceless,
       count(*) filter (where s.state = 'unknown' and s.look_at is null and exists (
           select from relink.admin_alerts l where l.code = 'send_unclear' and l.subject = 'send ' || s.id)) as unknown_alerted,
       -- Open, and no job will ever look at it again.
       count(*) filter (where s.state in ('planned', 'reserved', 'sending') and not exists (
           select from relink.jobs j where j.cause = 'sends.execute:' || s.id and j.state in ('waiting', 'leased'))) as adrift,
       -- A reservation without its intent, an end without its outcome, or an end that was told twice (R-CAP-5).
       count(*) filter (where
           ((s.counted_at is not null or s.refunded_at is not null) and not exists (
               select from relink.send_audit i where i.account_id = s.account_id and i.send_id = s.id
                  and i.event = 'intent' and i.id = s.intent_id))
        or (s.state in ('sent', 'refused', 'failed', 'unknown') and 1 <> (
               select count(*) from relink.send_audit o where o.account_id = s.account_id and o.send_id = s.id
                  and o.event = 'outcome' and o.intent_id = s.intent_id and o.to_state = s.state))) as unaudited,
       -- A view whose answer was lost is assumed and not proved; an invitation that was found may be the owner's own, and a
       -- withdrawal theirs: it may have happened by us, or not (R-CAP-6).
       count(*) filter (where s.sending_at >= $1 and s.state = 'sent' and not untold.it) as sent_since,
       count(*) filter (where s.sending_at >= $1 and (s.state in ('unknown', 'sending') or untold.it)) as open_since,
       (select count(*) from relink.send_audit) as audit_rows,
       -- Steps of enrollments that happened, or may have, more than once.
       (select coalesce(sum(times - 1), 0)::bigint from (
            select count(*) as times from relink.sends d
             where d.enrollment_id is not null and d.state in ('sending', 'sent', 'unknown')
             group by d.enrollment_id, coalesce(d.step_key, 'step-' || d.step::text) having count(*) > 1) twice) as duplicated
  from relink.sends s
 cross join lateral (
       select coalesce(s.state = 'sent' and (s.code = 'assumed' or s.code = 'found' and s.action in ('invite', 'withdraw_invite')), false) as it) untold
