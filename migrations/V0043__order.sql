-- One order of locks (docs/database.md): whoever writes a row of an account has locked the account before, all that it needs
-- at once and by id. A statement that comes later in its transaction leaves alone what others hold, and comes again.

-- As in V0035, and accounts are locked before their enrollments. An enrollment that moved on meanwhile is left out, and one of
-- an account that somebody else holds.
create or replace function relink.plan_rendered_sends(p_sends uuid[], p_enrollments uuid[], p_steps text[], p_slots timestamptz[],
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
        ), free as materialized (
            -- Of an account that somebody else holds nothing is planned now: a walk through a range of shards meets
            -- accounts in another order than those that wait for them.
            select o.id from relink.accounts o
             where o.id in (select e.account_id from relink.enrollments e where e.id = any (p_enrollments))
             order by o.id
               for no key update skip locked
        ), ready as materialized (
            select a.send_id, a.slot_at, a.subject, a.body, a.why, a.step_key, e.id, e.campaign_id, e.account_id, e.step,
                   e.action, e.target, e.due_at, c.workspace_id
              from asked a
              join relink.enrollments e on e.id = a.enrollment_id
              join free o on o.id = e.account_id
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

-- As in V0038, and what went to another account while this waited is not followed there: accounts are locked once.
create or replace function relink.take_enrollments(p_enrollments uuid[], p_code text, p_now timestamptz, p_actor text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    owners uuid[];
    gone uuid;
begin
    select array_agg(distinct e.account_id order by e.account_id) into owners
      from relink.enrollments e where e.id = any (p_enrollments);
    perform a.id from relink.accounts a where a.id = any (owners) order by a.id for no key update;
    select e.id into gone from relink.enrollments e
     where e.id = any (p_enrollments) and e.account_id <> all (owners) limit 1;
    if found then
        raise exception 'enrollment %: it went to another sender meanwhile; look again', gone using errcode = '55000';
    end if;
    for turn in 1 .. 2 loop
        perform relink.cancel_sends(p_accounts => array_agg(s.account_id order by s.account_id, s.id),
                                    p_sends => array_agg(s.id order by s.account_id, s.id),
                                    p_codes => array_agg(p_code), p_now => p_now, p_actor => p_actor, p_job => null)
           from relink.sends s
          where s.enrollment_id = any (p_enrollments) and s.state in ('planned', 'reserved') having count(*) > 0;
        perform e.id from relink.enrollments e where e.id = any (p_enrollments) order by e.id for update;
    end loop;
end $$;

-- As in V0038, and what is another sender's by now is refused before that sender would be locked.
create or replace function relink.reassign_enrollments(p_token text, p_audit uuid, p_campaign uuid, p_from uuid, p_enrollments uuid[],
                                            p_accounts uuid[], p_reason text)
    returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    unfit uuid;
    moved bigint;
begin
    if cardinality(p_enrollments) = 0 then
        raise exception 'reassign: there is nothing to move' using errcode = '55000';
    end if;
    perform a.id from relink.accounts a where a.id = p_from or a.id = any (p_accounts) order by a.id for no key update;
    select t.id into unfit from (select distinct u.id from unnest(p_accounts) u(id)) t
      where t.id = p_from or not exists (
            select from relink.accounts a join relink.campaigns c on c.workspace_id = a.workspace_id
             where a.id = t.id and c.id = p_campaign and a.status = 'connected') limit 1;
    if found then
        raise exception 'to: account % is no other connected account of the campaign''s workspace', unfit using errcode = '55000';
    end if;
    -- With both senders locked nothing goes from one to the other any more.
    select count(*) into moved from relink.enrollments e where e.id = any (p_enrollments) and e.account_id <> p_from;
    if moved > 0 then
        raise exception 'reassign: % of them moved on since the preview; look again', moved using errcode = '55000';
    end if;
    perform relink.take_enrollments(p_enrollments, 'reassigned', instant, who);
    perform relink.note_operation(p_audit, who, 'campaign.reassign', p_campaign::text, p_reason, jsonb_build_object(
        'from', p_from, 'to', (select jsonb_object_agg(q.id, q.n) from (
            select u.id, count(*) as n from unnest(p_accounts) u(id) group by u.id) q)));
    insert into relink.campaign_senders (campaign_id, account_id)
    select p_campaign, t.id from (select distinct u.id from unnest(p_accounts) u(id)) t order by t.id
        on conflict do nothing;
    update relink.enrollments e set account_id = q.account_id
      from unnest(p_enrollments, p_accounts) as q(id, account_id)
     where e.id = q.id and e.campaign_id = p_campaign and e.account_id = p_from and e.state = 'active'
       and not exists (select from relink.sends s where s.enrollment_id = e.id and s.state in ('sending', 'unknown'));
    get diagnostics moved = row_count;
    if moved <> cardinality(p_enrollments) then
        raise exception 'reassign: % of them moved on since the preview; look again', cardinality(p_enrollments) - moved
            using errcode = '55000';
    end if;
    return moved;
end $$;

-- As in V0009, in the order in which everybody writes the actions of an account.
create or replace function relink.reopen_sends() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    if tg_table_name = 'send_rules' and tg_op = 'UPDATE' then
        new.version := old.version + 1;
    end if;
    update relink.send_closed c set until = '-infinity'
      from (select o.action from relink.send_closed o where o.account_id = new.account_id
             order by o.action for no key update) o
     where c.account_id = new.account_id and c.action = o.action;
    return new;
end $$;

-- As in V0025, with the accounts locked before what is theirs.
create or replace function relink.put_settings(p_workspace uuid, p_changes jsonb) returns text[]
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    known text[] := array['name', 'zone', 'start_minute', 'end_minute', 'days', 'on_sender_loss', 'support_address', 'contacts'];
    asked text[] := array(select k from jsonb_object_keys(p_changes) k order by k);
    failed text;
begin
    if not asked <@ known then
        raise exception 'settings: there are %', array_to_string(known, ', ') using errcode = '22023';
    elsif p_changes ? 'zone' and not coalesce(relink.is_zone(p_changes ->> 'zone'), true) then
        raise exception 'zone: use a name of the tz database, such as Europe/Berlin' using errcode = '22023';
    elsif p_changes ? 'name' and coalesce(btrim(p_changes ->> 'name'), '') = '' then
        raise exception 'name: say one' using errcode = '22023';
    end if;
    update relink.workspaces w
       set name = case when p_changes ? 'name' then btrim(p_changes ->> 'name') else w.name end,
           zone = case when p_changes ? 'zone' then p_changes ->> 'zone' else w.zone end,
           start_minute = case when p_changes ? 'start_minute' then (p_changes ->> 'start_minute')::smallint else w.start_minute end,
           end_minute = case when p_changes ? 'end_minute' then (p_changes ->> 'end_minute')::smallint else w.end_minute end,
           days = case when p_changes ? 'days' then (p_changes ->> 'days')::smallint else w.days end,
           on_sender_loss = case when p_changes ? 'on_sender_loss' then coalesce(p_changes ->> 'on_sender_loss', 'pause_campaign')
                                 else w.on_sender_loss end,
           support_address = case when p_changes ? 'support_address' then lower(btrim(p_changes ->> 'support_address'))
                                  else w.support_address end,
           version = w.version + 1
     where w.id = p_workspace;
    if p_changes ? 'contacts' then
        delete from relink.contacts c where c.workspace_id = p_workspace;
        insert into relink.contacts (workspace_id, address, name)
        select distinct on (lower(btrim(c ->> 'address'))) p_workspace, lower(btrim(c ->> 'address')), coalesce(btrim(c ->> 'name'), '')
          from jsonb_array_elements(case when jsonb_typeof(p_changes -> 'contacts') = 'array' then p_changes -> 'contacts' else '[]' end) c;
    end if;
    -- What was closed until an instant of the old hours is looked at again.
    if p_changes ?| array['zone', 'start_minute', 'end_minute', 'days'] then
        perform a.id from relink.accounts a where a.workspace_id = p_workspace order by a.id for no key update;
        update relink.send_closed c set until = '-infinity'
          from relink.accounts a where a.workspace_id = p_workspace and c.account_id = a.id;
    end if;
    return asked;
exception when check_violation then
    get stacked diagnostics failed = constraint_name;
    raise exception 'settings: % refuses it', replace(failed, 'workspaces_', '') using errcode = '22023';
end $$;

-- As in V0025, with a lock that lets others name the workspace: they hold accounts that this may wait for.
create or replace function relink.change_workspace(p_token text, p_audit uuid, p_workspace uuid, p_version integer, p_changes jsonb,
                                        p_reason text)
    returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    bearer record;
    w relink.workspaces;
begin
    select * into strict bearer from relink.use_token(p_token);
    if bearer.workspace_id is null then
        perform relink.operator_of(p_token, 'operate');
    end if;
    select * into w from relink.workspaces
     where id = coalesce(p_workspace, bearer.workspace_id) and id = coalesce(bearer.workspace_id, p_workspace) for no key update;
    if not found then
        raise exception 'workspace: there is no workspace %', p_workspace using errcode = 'P0002';
    elsif w.ended_at is not null then
        raise exception 'workspace: % ended at %', w.id, w.ended_at using errcode = '55000';
    elsif w.version <> p_version then
        raise exception 'version: it is at % by now, not at %', w.version, p_version using errcode = '55000';
    end if;
    perform relink.note_operation(p_audit, bearer.operator, 'workspace.set', w.id::text, p_reason,
        jsonb_build_object('settings', relink.put_settings(w.id, p_changes), 'version', w.version + 1));
    return w.version + 1;
end $$;

-- As in V0025, and nothing of its accounts is locked before its pause has come.
create or replace function relink.end_workspace(p_token text, p_audit uuid, p_workspace uuid, p_reason text) returns timestamptz
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    t record;
begin
    perform 1 from relink.workspaces where id = p_workspace for no key update;
    if not found then
        raise exception 'workspace: there is no workspace %', p_workspace using errcode = 'P0002';
    end if;
    perform 1 from relink.workspaces where id = p_workspace and ended_at is not null;
    if found then
        raise exception 'workspace: % has ended already', p_workspace using errcode = '55000';
    end if;
    -- The pause first: it waits for claims that are under way, and they may wait for the accounts.
    perform relink.pause_work(p_token, gen_random_uuid(), gen_random_uuid(), 'workspace', p_workspace::text, 'hold', null, '{}', '{}',
                              p_reason);
    perform relink.subscribe_workspace(p_token, gen_random_uuid(), p_workspace, instant, p_reason);
    for t in select k.id from relink.operator_tokens k where k.workspace_id = p_workspace and k.revoked_at is null order by k.id for update loop
        perform relink.note_operation(gen_random_uuid(), who, 'operator.revoke', t.id, p_reason, '{}');
        update relink.operator_tokens set revoked_at = instant where id = t.id;
    end loop;
    perform relink.note_operation(p_audit, who, 'workspace.end', p_workspace::text, p_reason, '{}');
    update relink.workspaces set ended_at = instant, version = version + 1 where id = p_workspace;
    return instant;
end $$;

-- As in V0035, with the accounts of those who stand there locked before them.
create or replace function relink.stop_on_gone_step() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    perform a.id from relink.accounts a
      where a.id in (select e.account_id from relink.enrollments e
                      where e.campaign_id = old.campaign_id and coalesce(e.step_key, 'step-' || e.step::text) = old.key
                        and e.state = 'active')
      order by a.id for no key update;
    update relink.enrollments e
       set state = 'stopped', due_at = null, stopped_at = relink.clock(), stopped_why = 'step gone'
     where e.campaign_id = old.campaign_id and coalesce(e.step_key, 'step-' || e.step::text) = old.key
       and e.state = 'active'
       and not exists (select from relink.campaign_steps t where t.campaign_id = old.campaign_id and t.key = old.key);
    return null;
end $$;
