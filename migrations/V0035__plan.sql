-- R-TPL-1: texts are rendered by one strict renderer, in the builds. R-CAP-4: one row that cannot be planned fails alone.

-- A person's values beside the name. Placeholders name keys in any case, with blanks, `_` and `-` or without.
alter table relink.prospects
    add column variables jsonb not null default '{}',
    add constraint variables_are_few check (jsonb_typeof(variables) = 'object' and octet_length(variables::text) <= 65536);

-- What a send must have, an enrollment must have: who has no target would fail every plan made beside theirs.
update relink.enrollments
   set target = 'nobody-' || id::text,
       state = case when state = 'active' then 'stopped' else state end,
       stopped_at = case when state = 'active' then relink.clock() else stopped_at end,
       stopped_why = case when state = 'active' then 'no target' else stopped_why end,
       due_at = case when state = 'active' then null else due_at end
 where target !~ '[^[:space:]]';
alter table relink.enrollments add constraint somebody_is_meant check (target ~ '[^[:space:]]');

-- The last column lets a look pass over those that must wait without reading their rows.
drop index relink.enrollments_due;
create index enrollments_due on relink.enrollments
    (account_id, campaign_id, action, due_at, id, coalesce(not_before, '-infinity'))
    where state = 'active' and due_at is not null;

-- Who stands on a step that is taken away, or loses its key, is not lost: nobody would look for them there.
create function relink.stop_on_gone_step() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    update relink.enrollments e
       set state = 'stopped', due_at = null, stopped_at = relink.clock(), stopped_why = 'step gone'
     where e.campaign_id = old.campaign_id and coalesce(e.step_key, 'step-' || e.step::text) = old.key
       and e.state = 'active'
       and not exists (select from relink.campaign_steps t where t.campaign_id = old.campaign_id and t.key = old.key);
    return null;
end $$;
create trigger stop_on_gone_step after delete or update of key, campaign_id on relink.campaign_steps
    for each row execute function relink.stop_on_gone_step();

-- Plans the present step of enrollments with the texts that were rendered for it, or stops an enrollment where p_whys says
-- why. Answers `planned` or `stopped`; an enrollment that moved on meanwhile is left out, and one that its step's own send
-- still keeps in hand is left to that send.
create function relink.plan_rendered_sends(p_sends uuid[], p_enrollments uuid[], p_steps text[], p_slots timestamptz[],
                                           p_subjects text[], p_bodies text[], p_whys text[], p_now timestamptz)
    returns table (send_id uuid, verdict text, why text)
    -- A plan made while tables were empty would walk through them all for as long as the connection lives.
    language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan
    as $$
#variable_conflict use_column
declare
    half integer := cardinality(p_sends) / 2;
    ids uuid[];
    verdicts text[];
    whys text[];
    trouble text;
    refused_by text;
begin
    begin
        with asked as (
            select * from unnest(p_sends, p_enrollments, p_steps, p_slots, p_subjects, p_bodies, p_whys)
                as a(send_id, enrollment_id, step_key, slot_at, subject, body, why)
        ), ready as materialized (
            select a.send_id, a.slot_at, a.subject, a.body, a.why, a.step_key, e.id, e.campaign_id, e.account_id, e.step,
                   e.action, e.target, e.due_at, c.workspace_id
              from asked a
              join relink.enrollments e on e.id = a.enrollment_id
              join relink.campaigns c on c.id = e.campaign_id
             where e.state = 'active' and e.due_at <= p_now and coalesce(e.not_before, '-infinity') <= p_now
               and coalesce(e.step_key, 'step-' || e.step::text) = a.step_key
               and (a.why is not null or exists (select from relink.campaign_steps t
                                                  where t.campaign_id = e.campaign_id and t.key = a.step_key))
             order by e.id
               for update of e
        ), made as materialized (
            -- As it was before this statement.
            select r.id, s.state
              from ready r
              join relink.sends s on s.enrollment_id = r.id and coalesce(s.step_key, 'step-' || s.step::text) = r.step_key
                                 and s.state in ('planned', 'reserved', 'sending', 'sent', 'unknown')
             where r.why is null
        ), planned as (
            insert into relink.sends (account_id, id, workspace_id, campaign_id, enrollment_id, step, step_key, action, target,
                                      subject, body, state, due_at, planned_at, slot_at, reference)
            select r.account_id, r.send_id, r.workspace_id, r.campaign_id, r.id, r.step, r.step_key, r.action, r.target,
                   r.subject, r.body, 'planned', r.due_at, p_now, greatest(r.slot_at, p_now),
                   -- What is withdrawn is this enrollment's own invitation.
                   case when r.action = 'withdraw_invite' then (
                       select i.reference from relink.sends i
                        where i.enrollment_id = r.id and i.action = 'invite' and i.state = 'sent'
                        order by i.sending_at desc limit 1) end
              from ready r
             where r.why is null
                on conflict (enrollment_id, (coalesce(step_key, 'step-' || step::text)))
                   where enrollment_id is not null and state in ('planned', 'reserved', 'sending', 'sent', 'unknown')
                   do nothing
            returning id, enrollment_id, campaign_id, account_id
        ), judged as (
            select r.id, r.send_id, p.id is not null as is_planned,
                   case when r.why is not null then r.why when m.state = 'sent' then 'step already sent' end as stop
              from ready r
              left join planned p on p.id = r.send_id
              left join made m on m.id = r.id
             where r.why is not null or p.id is not null or m.id is not null
        ), moved as (
            update relink.enrollments e
               set due_at = null,
                   state = case when v.stop is null then e.state else 'stopped' end,
                   stopped_at = case when v.stop is null then e.stopped_at else p_now end,
                   stopped_why = coalesce(v.stop, e.stopped_why)
              from judged v
             where e.id = v.id
        ), fair as (
            update relink.campaign_senders s set last_planned_at = p_now
              from planned p
             where s.campaign_id = p.campaign_id and s.account_id = p.account_id
        )
        select array_agg(v.send_id), array_agg(case when v.stop is null then 'planned' else 'stopped' end), array_agg(v.stop)
          into ids, verdicts, whys
          from judged v
         where v.is_planned or v.stop is not null;
    exception when integrity_constraint_violation or data_exception or program_limit_exceeded or raise_exception
                   or insufficient_privilege or datatype_mismatch then
        -- A refused row undoes its page alone, which is planned again in halves down to that row: its enrollment stops
        -- (`set_aside`), or stays where it is if that is refused too (`stuck`), and the rest goes on.
        get stacked diagnostics trouble = returned_sqlstate, refused_by = constraint_name;
        if half > 0 then
            return query select h.send_id, h.verdict, h.why from relink.plan_rendered_sends(
                p_sends => p_sends[:half], p_enrollments => p_enrollments[:half], p_steps => p_steps[:half],
                p_slots => p_slots[:half], p_subjects => p_subjects[:half], p_bodies => p_bodies[:half],
                p_whys => p_whys[:half], p_now => p_now) h;
            return query select h.send_id, h.verdict, h.why from relink.plan_rendered_sends(
                p_sends => p_sends[half + 1:], p_enrollments => p_enrollments[half + 1:], p_steps => p_steps[half + 1:],
                p_slots => p_slots[half + 1:], p_subjects => p_subjects[half + 1:], p_bodies => p_bodies[half + 1:],
                p_whys => p_whys[half + 1:], p_now => p_now) h;
            return;
        end if;
        ids := p_sends;
        verdicts := array['set_aside'];
        whys := array['cannot be planned: ' || coalesce(nullif(refused_by, ''), trouble)];
        begin
            update relink.enrollments e
               set due_at = null, state = 'stopped', stopped_at = p_now, stopped_why = whys[1]
             where e.id = p_enrollments[1] and e.state = 'active';
        exception when others then
            -- Its action closes for a while instead (`sends.dispatch`), so that nobody waits behind it for ever.
            verdicts := array['stuck'];
        end;
    end;
    return query select j.send_id, j.verdict, j.why from unnest(ids, verdicts, whys) as j(send_id, verdict, why);
end $$;

-- For builds that do not render: they plan what needs no rendering, and leave the rest to those that do.
create or replace function relink.plan_sends(p_sends uuid[], p_enrollments uuid[], p_slots timestamptz[], p_now timestamptz)
    returns table (send_id uuid, account_id uuid, workspace_id uuid, slot_at timestamptz)
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
with plain as (
    select q.send_id, q.enrollment_id, q.slot_at, e.account_id, c.workspace_id, t.key, t.subject, t.body
      from unnest(p_sends, p_enrollments, p_slots) as q(send_id, enrollment_id, slot_at)
      join relink.enrollments e on e.id = q.enrollment_id
      join relink.campaigns c on c.id = e.campaign_id
      join relink.campaign_steps t on t.campaign_id = e.campaign_id
                                  and t.key = coalesce(e.step_key, 'step-' || e.step::text)
     where concat(t.subject, t.body) !~ '[{}]' and coalesce(t.subject, '') !~ '[[:cntrl:]]'
), planned as (
    select v.send_id
      from (select array_agg(p.send_id) as sends, array_agg(p.enrollment_id) as enrollments, array_agg(p.key) as steps,
                   array_agg(p.slot_at) as slots, array_agg(p.subject) as subjects, array_agg(p.body) as bodies,
                   array_agg(null::text) as whys
              from plain p having count(*) > 0) a
     cross join lateral relink.plan_rendered_sends(p_sends => a.sends, p_enrollments => a.enrollments, p_steps => a.steps,
                                          p_slots => a.slots, p_subjects => a.subjects, p_bodies => a.bodies,
                                          p_whys => a.whys, p_now => p_now) v
     where v.verdict = 'planned'
)
select p.send_id, p.account_id, p.workspace_id, greatest(p.slot_at, p_now) from plain p join planned d on d.send_id = p.send_id
$$;

-- Takes sends back that nobody has called: reserved capacity is given back and opens its action again, enrollments stand in
-- line where they stood.
create or replace function relink.cancel_sends(p_accounts uuid[], p_sends uuid[], p_codes text[], p_now timestamptz, p_actor text,
                                    p_job uuid)
    returns table (account_id uuid, send_id uuid)
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
with asked as (
    select * from unnest(p_accounts, p_sends, p_codes) as q(account_id, send_id, code)
), before as (
    select s.account_id, s.id, s.state from relink.sends s join asked q on s.account_id = q.account_id and s.id = q.send_id
     where s.state in ('planned', 'reserved')
     order by s.account_id, s.id
       for update of s
), moved as (
    update relink.sends s
       set state = 'cancelled', settled_at = p_now, code = q.code, subject = null, body = null,
           refunded_at = case when b.state = 'reserved' then p_now end, counted_at = null
      from asked q join before b on b.account_id = q.account_id and b.id = q.send_id
     where s.account_id = q.account_id and s.id = q.send_id
    returning s.account_id, s.id, s.enrollment_id, coalesce(s.step_key, 'step-' || s.step::text) as step_key, s.due_at, s.action, s.intent_id, b.state as from_state, q.code
), written as (
    insert into relink.send_audit (account_id, send_id, event, intent_id, from_state, to_state, action, code, refunded, actor,
                                   job_id)
    select m.account_id, m.id, 'outcome', m.intent_id, m.from_state, 'cancelled', m.action, m.code, true, p_actor, p_job
      from moved m where m.intent_id is not null
), in_line as (
    update relink.enrollments e
       set due_at = m.due_at
      from moved m
     where e.id = m.enrollment_id and e.state = 'active'
       and coalesce(e.step_key, 'step-' || e.step::text) = m.step_key
), reopened as (
    update relink.send_closed c
       set until = '-infinity'
      from moved m
     where m.from_state = 'reserved' and c.account_id = m.account_id and c.action = m.action and c.until > p_now
)
select m.account_id, m.id from moved m
$$;

revoke all on all functions in schema relink from public;
grant execute on function
    relink.plan_rendered_sends(uuid[], uuid[], text[], timestamptz[], text[], text[], text[], timestamptz)
    to relink_worker;
