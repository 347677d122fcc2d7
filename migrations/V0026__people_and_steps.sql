-- The shapes of people in campaigns, each once, and of steps, which have keys.

-- R-CAM-5: how a person is written in a workspace: an address in lower case; a public profile identifier, also out of its
-- URL, in lower case; an id of the provider's as it is.
create function relink.canonical_handle(p_kind text, p_handle text) returns text
    language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp
    as $$ select case when p_kind = 'linkedin' and h.handle ~ '^A[A-Za-z]{2}AA[A-Za-z0-9_-]{10,}$' then h.handle else lower(h.handle) end
            from (select case when p_kind = 'linkedin'
                              then regexp_replace(t.trimmed, '^(https?://)?([a-z]+\.)?linkedin\.com/(in|pub)/([^/?#]+).*$', '\4', 'i')
                              else regexp_replace(t.trimmed, '^mailto:', '', 'i') end as handle
                    from (select regexp_replace(p_handle, '^\s+|\s+$', '', 'g') as trimmed) t) h $$;

alter table relink.prospects
    add column kind text not null default 'linkedin' check (kind in ('linkedin', 'email')),
    -- The row of the same person that counts. Enrollments stand there.
    add column merged_into uuid references relink.prospects;
update relink.prospects set kind = 'email' where handle like '%_@_%' and handle not like '%/%';
update relink.prospects set handle = relink.canonical_handle(kind, handle)
 where handle is distinct from relink.canonical_handle(kind, handle);
update relink.prospects p set merged_into = o.first
  from (select id, first_value(id) over (partition by workspace_id, kind, handle order by id) as first from relink.prospects) o
 where p.id = o.id and o.first <> p.id;

create function relink.write_canonical() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    new.handle := relink.canonical_handle(new.kind, new.handle);
    return new;
end $$;
create trigger write_canonical before insert or update of kind, handle on relink.prospects
    for each row execute function relink.write_canonical();
create unique index prospects_of_a_person on relink.prospects (workspace_id, kind, handle) where merged_into is null;

-- The enrollment of the same person in the same campaign that went on, of those that were made before a person had one.
alter table relink.enrollments add column duplicate_of uuid references relink.enrollments;

-- Of several enrollments of a person in a campaign the one that came furthest stays; the others end. What may have been
-- sent counts, so that nobody gets it again.
do $$
declare
    by_target boolean;
    instant timestamptz := relink.clock();
begin
    foreach by_target in array array[false, true] loop
        with people as (
            select e.id, e.campaign_id, e.state, e.step, e.created_at,
                   case when not by_target then coalesce(p.merged_into, p.id)::text
                        when e.target like '%_@_%' then lower(e.target) else e.target end as person
              from relink.enrollments e join relink.prospects p on p.id = e.prospect_id
             where e.duplicate_of is null
        ), several as (
            select campaign_id, person from people group by campaign_id, person having count(*) > 1
        ), ranked as (
            select p.id, first_value(p.id) over (
                       partition by p.campaign_id, p.person
                       order by p.state = 'done' desc, p.step desc,
                                (select count(*) from relink.sends s
                                  where s.enrollment_id = p.id and s.state in ('sending', 'sent', 'unknown')) desc,
                                p.state = 'stopped' desc, p.created_at, p.id) as first
              from people p join several v on v.campaign_id = p.campaign_id and v.person = p.person
        )
        update relink.enrollments e
           set duplicate_of = r.first,
               state = case when e.state = 'active' then 'stopped' else e.state end,
               due_at = null,
               stopped_at = case when e.state = 'active' then instant else e.stopped_at end,
               stopped_why = case when e.state = 'active' then 'duplicate_person' else e.stopped_why end
          from ranked r
         where e.id = r.id and r.first <> r.id;
    end loop;
    -- Nobody has called these.
    perform relink.cancel_sends(array_agg(s.account_id), array_agg(s.id), array_agg('duplicate_person'::text), instant,
                                'migration', null)
       from relink.sends s join relink.enrollments e on e.id = s.enrollment_id
      where s.state in ('planned', 'reserved') and e.duplicate_of is not null having count(*) > 0;
end $$;
update relink.enrollments e set prospect_id = p.merged_into
  from relink.prospects p
 where p.id = e.prospect_id and p.merged_into is not null and e.duplicate_of is null;
create unique index enrollments_of_a_person on relink.enrollments (campaign_id, prospect_id) where duplicate_of is null;
-- Also where two rows of the workspace turn out to be one person to write to.
create unique index enrollments_of_a_target on relink.enrollments
    (campaign_id, (case when target like '%_@_%' then lower(target) else target end)) where duplicate_of is null;

-- R-TPL-2: a step keeps its key wherever it stands, and who is on it keeps their place. Numbers only say the order.
alter table relink.campaign_steps add column key text;
update relink.campaign_steps set key = 'step-' || step::text;
alter table relink.campaign_steps
    alter column key set not null,
    alter column key set default 'step-' || replace(gen_random_uuid()::text, '-', ''),
    add constraint a_key_is_a_word check (key ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    add constraint campaign_steps_of_key unique (campaign_id, key);

-- `step` of an enrollment is the number that its step had when it came to it, and a send's is its enrollment's. Null in
-- rows from before there were keys: `step-` and that number.
alter table relink.enrollments add column step_key text;
alter table relink.sends add column step_key text;

-- The step is named by its key, or by its number where only that is given or changed.
create or replace function relink.name_action() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
declare
    by_number boolean := case tg_op when 'INSERT' then new.step_key is null
                              else new.step_key is not distinct from old.step_key and new.step <> old.step end;
begin
    select s.step, s.key, s.action into strict new.step, new.step_key, new.action from relink.campaign_steps s
     where s.campaign_id = new.campaign_id
       and case when by_number then s.step = new.step else s.key = coalesce(new.step_key, 'step-' || new.step::text) end;
    return new;
exception when no_data_found then
    raise exception 'campaign % has no step %', new.campaign_id, case when by_number then new.step::text else new.step_key end
        using errcode = '23503';
end $$;
drop trigger name_action on relink.enrollments;
create trigger name_action before insert or update of step, step_key, campaign_id on relink.enrollments
    for each row execute function relink.name_action();

-- A step of an enrollment is sent once: whatever failed, was refused or taken back may be tried anew, nothing else may.
drop index relink.sends_of_a_step;
create unique index sends_of_a_step on relink.sends (enrollment_id, (coalesce(step_key, 'step-' || step::text)))
    where enrollment_id is not null and state in ('planned', 'reserved', 'sending', 'sent', 'unknown');

create or replace function relink.step_send() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    if tg_op = 'DELETE' then
        raise exception 'send % stays: caps are counted from it', old.id using errcode = '42501';
    end if;
    if (new.account_id, new.id, new.action, new.enrollment_id, new.step, new.step_key)
       is distinct from (old.account_id, old.id, old.action, old.enrollment_id, old.step, old.step_key) then
        raise exception 'send % keeps what it is about', old.id using errcode = '23514';
    end if;
    if new.state <> old.state and not (case old.state
        when 'planned' then new.state in ('reserved', 'cancelled')
        when 'reserved' then new.state in ('sending', 'cancelled')
        when 'sending' then new.state in ('sent', 'refused', 'failed', 'unknown')
        when 'unknown' then new.state in ('sent', 'failed')
        else false end) then
        raise exception 'send %: % does not become %', old.id, old.state, new.state using errcode = '23514';
    end if;
    -- Capacity is taken by a reservation, and given back once, by what never happened.
    if new.counted_at is distinct from old.counted_at and not (
        (new.state = 'reserved' and old.state in ('planned', 'reserved') and new.counted_at is not null)
        or (new.counted_at is null and new.refunded_at is not null and old.refunded_at is null)) then
        raise exception 'send %: its capacity is neither taken nor given back in this way', old.id using errcode = '23514';
    end if;
    if old.was_unknown and not new.was_unknown then
        raise exception 'send % was unknown', old.id using errcode = '23514';
    end if;
    return new;
end $$;

create or replace function relink.plan_sends(p_sends uuid[], p_enrollments uuid[], p_slots timestamptz[], p_now timestamptz)
    returns table (send_id uuid, account_id uuid, workspace_id uuid, slot_at timestamptz)
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
with asked as (
    select * from unnest(p_sends, p_enrollments, p_slots) as a(send_id, enrollment_id, slot_at)
), taken as (
    update relink.enrollments e set due_at = null
      from asked a, relink.enrollments o
     where e.id = a.enrollment_id and o.id = e.id and e.state = 'active' and e.due_at <= p_now
    returning a.send_id, a.slot_at, o.due_at, e.id, e.campaign_id, e.account_id, e.prospect_id, e.step,
              coalesce(e.step_key, 'step-' || e.step::text) as step_key, e.action, e.target
), fair as (
    update relink.campaign_senders s set last_planned_at = p_now
      from taken t
     where s.campaign_id = t.campaign_id and s.account_id = t.account_id
), planned as (
    insert into relink.sends (account_id, id, workspace_id, campaign_id, enrollment_id, step, step_key, action, target, subject, body,
                              state, due_at, planned_at, slot_at, reference)
    select t.account_id, t.send_id, c.workspace_id, t.campaign_id, t.id, t.step, t.step_key, t.action, t.target,
           replace(replace(st.subject, '{{name}}', p.name), '{{first_name}}', split_part(p.name, ' ', 1)),
           replace(replace(st.body, '{{name}}', p.name), '{{first_name}}', split_part(p.name, ' ', 1)),
           'planned', t.due_at, p_now, greatest(t.slot_at, p_now),
           -- What is withdrawn is this enrollment's own invitation.
           case when t.action = 'withdraw_invite' then (
               select i.reference from relink.sends i
                where i.enrollment_id = t.id and i.action = 'invite' and i.state = 'sent'
                order by i.sending_at desc limit 1) end
      from taken t
      join relink.campaigns c on c.id = t.campaign_id
      join relink.campaign_steps st on st.campaign_id = t.campaign_id and st.key = t.step_key
      join relink.prospects p on p.id = t.prospect_id
    returning id, account_id, workspace_id, slot_at
)
select id, account_id, workspace_id, slot_at from planned
$$;

create or replace function relink.settle_sends(p_accounts uuid[], p_sends uuid[], p_from text[], p_to text[], p_refunds boolean[],
                                    p_codes text[], p_notes text[], p_references text[], p_chats text[],
                                    p_usages smallint[], p_look_ats timestamptz[], p_nexts text[], p_agains timestamptz[],
                                    p_odds boolean[], p_whys text[], p_now timestamptz, p_actor text, p_job uuid)
    returns table (account_id uuid, send_id uuid)
    -- In plpgsql, which keeps the plan: a function in SQL is planned anew at every call, and this is called for each send.
    language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
    as $$
#variable_conflict use_column
begin
    return query
with asked as (
    select * from unnest(p_accounts, p_sends, p_from, p_to, p_refunds, p_codes, p_notes, p_references, p_chats, p_usages,
                         p_look_ats, p_nexts, p_agains, p_odds, p_whys)
        as q(account_id, send_id, from_state, to_state, refund, code, note, reference, chat, usage, look_at, next, again_at,
             odd, why)
), moved as (
    update relink.sends s
       set state = q.to_state,
           settled_at = p_now,
           counted_at = case when q.refund then null else s.counted_at end,
           refunded_at = case when q.refund then p_now end,
           was_unknown = s.was_unknown or q.to_state = 'unknown',
           code = q.code,
           reference = coalesce(q.reference, s.reference),
           chat = coalesce(q.chat, s.chat),
           usage = coalesce(q.usage, s.usage),
           -- An unanswered request may still reach the provider, in machine time, of which a fast clock leaves little.
           look_at = case when q.to_state = 'unknown' then greatest(q.look_at, p_now + relink.reservation_life() / 2) end,
           -- Nothing is kept of what was said, once nobody has to look for it.
           subject = case when q.to_state = 'unknown' then s.subject end,
           body = case when q.to_state = 'unknown' then s.body end
      from asked q
     where s.account_id = q.account_id and s.id = q.send_id and s.state = q.from_state
       and q.from_state in ('sending', 'unknown')
    returning s.account_id, s.id, s.enrollment_id, s.step, coalesce(s.step_key, 'step-' || s.step::text) as step_key,
              s.action, s.intent_id, q.from_state, q.to_state, q.refund,
              q.code, q.note, q.next, q.again_at, q.odd, q.why
), written as (
    insert into relink.send_audit (account_id, send_id, event, intent_id, from_state, to_state, action, code, note, refunded,
                                   actor, job_id)
    select m.account_id, m.id, 'outcome', m.intent_id, m.from_state, m.to_state, m.action, m.code, m.note, m.refund, p_actor,
           p_job
      from moved m
), stepped as (
    update relink.enrollments e
       set step_key = coalesce(n.key, m.step_key),
           state = case when m.next = 'stop' then 'stopped'
                        when m.next = 'advance' and n.key is null then 'done' else 'active' end,
           due_at = case m.next when 'advance' then p_now + n.wait when 'again' then m.again_at end,
           odd_refusals = case when m.next = 'again' and m.odd then e.odd_refusals + 1
                               when m.next = 'again' then e.odd_refusals else 0 end,
           stopped_at = case when m.next = 'stop' then p_now end,
           stopped_why = case when m.next = 'stop' then m.why end
      from moved m
      left join relink.enrollments o on o.id = m.enrollment_id
      left join relink.campaign_steps h on h.campaign_id = o.campaign_id and h.key = m.step_key
      -- The step after it as they stand now, wherever it stood when this was planned.
      left join lateral (
           select f.key, f.wait from relink.campaign_steps f
            where m.next = 'advance' and f.campaign_id = o.campaign_id and f.step > coalesce(h.step, m.step)
            order by f.step limit 1) n on true
     where e.id = m.enrollment_id and e.state = 'active'
       and coalesce(e.step_key, 'step-' || e.step::text) = m.step_key and m.next <> 'keep'
), proved as (
    update relink.account_holds h
       set proved_at = p_now
      from moved m
     where m.to_state = 'sent' and h.account_id = m.account_id and h.reason = 'protective' and h.proved_at is null
       and h.ends_at <= p_now
), reopened as (
    update relink.send_closed c
       set until = '-infinity'
      from moved m
     where m.refund and c.account_id = m.account_id and c.action = m.action
)
select m.account_id, m.id from moved m;
end $$;

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
)
select m.account_id, m.id from moved m
$$;

revoke all on all functions in schema relink from public;
