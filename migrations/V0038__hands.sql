-- What people do to campaigns, sends and enrollments (R-CAM-1, R-CAM-6, R-CAM-7, R-CAP-6): each act takes the operator's
-- token, asks for a reason, and writes its audit row with the change (R-AUD-4).

-- Since when a later step is too late to go by itself (R-CAM-7); it waits for a person.
alter table relink.enrollments add column if not exists overdue_since timestamptz;

-- A person pauses a campaign, for a reason that a person lifts. Answers every reason that keeps it from running.
create function relink.pause_campaign(p_token text, p_audit uuid, p_campaign uuid, p_pause text, p_reason text)
    returns text[]
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
begin
    perform c.id from relink.campaigns c where c.id = p_campaign for update;
    if not found then
        raise exception 'there is no campaign %', p_campaign using errcode = 'P0002';
    elsif p_pause <> all (array['manual', 'operator']) then
        raise exception 'pause: % is set by its own cause, not by a person', p_pause using errcode = '55000';
    end if;
    perform relink.note_operation(p_audit, who, 'campaign.pause', p_campaign::text, p_reason,
                                  jsonb_build_object('pause', p_pause));
    insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
    values (p_audit, p_campaign, p_pause, instant, who, btrim(p_reason))
        on conflict (campaign_id, reason) where lifted_at is null do nothing;
    if not found then
        raise exception 'pause: the campaign is paused for % already', p_pause using errcode = '55000';
    end if;
    return array(select p.reason from relink.campaign_pauses p
                  where p.campaign_id = p_campaign and p.lifted_at is null order by p.reason);
end $$;

-- R-CAP-6: a person who looked says whether an unknown send happened. Its capacity stays taken either way. Absent is not
-- believed while its request may still reach the provider. Answers whose it is and where its enrollment stands now.
create function relink.decide_send(p_token text, p_audit uuid, p_send uuid, p_as text, p_reason text)
    returns table (account_id uuid, action text, target text, enrollment_state text, step text)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
#variable_conflict use_column
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    sender uuid;
    it relink.sends;
begin
    if p_as <> all (array['found', 'absent']) then
        raise exception 'as: a send was found or is absent, not %', p_as using errcode = '22023';
    end if;
    select s.account_id into sender from relink.sends s where s.id = p_send and s.state = 'unknown';
    if not found then
        raise exception 'there is no send % whose outcome is unknown', p_send using errcode = 'P0002';
    end if;
    perform a.id from relink.accounts a where a.id = sender for no key update;
    select * into it from relink.sends s where s.account_id = sender and s.id = p_send for update;
    if it.state <> 'unknown' then
        raise exception 'send: its outcome is known: %', it.state using errcode = '55000';
    elsif p_as = 'absent' and it.sending_at > instant - relink.send_slack() then
        raise exception 'send: its request may still reach the provider; say absent after %',
            to_char((it.sending_at + relink.send_slack()) at time zone 'UTC', 'HH24:MI:SS UTC') using errcode = '55000';
    end if;
    perform relink.note_operation(p_audit, who, 'send.decide', p_send::text, p_reason, jsonb_build_object(
        'as', p_as, 'account', sender, 'campaign', it.campaign_id, 'action', it.action, 'target', it.target,
        'called_at', it.sending_at, 'looks', it.looks));
    perform 1 from relink.settle_sends(
        p_accounts => array[sender], p_sends => array[p_send], p_from => array['unknown'],
        p_to => array[case p_as when 'found' then 'sent' else 'failed' end], p_refunds => array[false],
        p_codes => array[p_as], p_blames => array[case p_as when 'absent' then 'provider' end], p_notes => array['decided by ' || who], p_references => array[null::text],
        p_chats => array[null::text], p_usages => array[null::smallint], p_look_ats => array[null::timestamptz],
        p_nexts => array[case p_as when 'found' then 'advance' else 'again' end], p_agains => array[instant],
        p_odds => array[false], p_whys => array[null::text], p_now => instant, p_actor => who, p_job => null);
    return query
        select sender, it.action, it.target, e.state, e.step || '. ' || e.action
          from (select) q left join relink.enrollments e on e.id = it.enrollment_id;
end $$;

-- Enrollments that an act names: by their ids, each of which must exist, or the first 1,000 overdue ones of a campaign.
create function relink.named_enrollments(p_enrollments uuid[], p_overdue_of uuid) returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    named uuid[];
    missing uuid;
begin
    if (p_enrollments is null) = (p_overdue_of is null) then
        raise exception 'enrollments: say which, by their ids or by the campaign whose overdue ones are meant' using errcode = '22023';
    elsif cardinality(p_enrollments) > 1000 then
        raise exception 'enrollments: at most 1000 at a time, not %', cardinality(p_enrollments) using errcode = '22023';
    elsif p_overdue_of is not null and not exists (select from relink.campaigns c where c.id = p_overdue_of) then
        raise exception 'there is no campaign %', p_overdue_of using errcode = 'P0002';
    end if;
    select i.id into missing from unnest(p_enrollments) i(id)
     where not exists (select from relink.enrollments e where e.id = i.id) limit 1;
    if found then
        raise exception 'there is no enrollment %', missing using errcode = 'P0002';
    end if;
    named := coalesce(
        (select array_agg(distinct i.id order by i.id) from unnest(p_enrollments) i(id)),
        array(select e.id from relink.enrollments e
               where e.campaign_id = p_overdue_of and e.state = 'active' and e.overdue_since is not null
               order by e.due_at, e.id limit 1000));
    if cardinality(named) = 0 then
        raise exception 'enrollments: none of the campaign is overdue' using errcode = '55000';
    end if;
    return named;
end $$;
create index enrollments_overdue on relink.enrollments (campaign_id, due_at, id) where state = 'active' and overdue_since is not null;

-- Locks enrollments after their accounts, and takes back what of them is planned or reserved: nobody has called it, and
-- with its account's lock nobody will. What was planned while this waited for the enrollments is taken back too.
create function relink.take_enrollments(p_enrollments uuid[], p_code text, p_now timestamptz, p_actor text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    perform a.id from relink.accounts a
      where a.id in (select e.account_id from relink.enrollments e where e.id = any (p_enrollments))
      order by a.id for no key update;
    for turn in 1 .. 2 loop
        perform relink.cancel_sends(p_accounts => array_agg(s.account_id order by s.account_id, s.id),
                                    p_sends => array_agg(s.id order by s.account_id, s.id),
                                    p_codes => array_agg(p_code), p_now => p_now, p_actor => p_actor, p_job => null)
           from relink.sends s
          where s.enrollment_id = any (p_enrollments) and s.state in ('planned', 'reserved') having count(*) > 0;
        perform e.id from relink.enrollments e where e.id = any (p_enrollments) order by e.id for update;
    end loop;
end $$;

-- Key of the step that goes by a key, or by its number in a campaign where that is no step's key; null: there is none.
create function relink.step_named(p_campaign uuid, p_step text) returns text
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select t.key from relink.campaign_steps t
           where t.campaign_id = p_campaign and p_step in (t.key, t.step::text)
           order by t.key = p_step desc limit 1 $$;

-- One act on enrollments, all of those named or none: `stop` (a call under way is not taken back), `send` (an overdue one
-- goes now), `skip` (to the step after), `move` (to the step of key or number p_step), `restart` (goes on at the step where it stopped).
-- No step is sent twice: where one may have been, the enrollment does not go back to it, and an unknown call is decided
-- first. Answers how many changed, how many have a call under way, and how many overdue ones are left.
create function relink.change_enrollments(p_token text, p_audit uuid, p_act text, p_enrollments uuid[], p_overdue_of uuid,
                                          p_step text, p_reason text)
    returns table (changed bigint, under_way bigint, still_overdue bigint)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
#variable_conflict use_column
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    named uuid[];
    unfit record;
begin
    if p_act <> all (array['stop', 'send', 'skip', 'move', 'restart']) then
        raise exception 'act: there are stop, send, skip, move, restart, not %', p_act using errcode = '22023';
    elsif (p_act = 'move') <> (p_step is not null) then
        raise exception 'step: say to which step, of a move alone' using errcode = '22023';
    end if;
    named := relink.named_enrollments(p_enrollments, p_overdue_of);
    perform relink.take_enrollments(named, p_act || ' by a person', instant, who);
    select q.* into unfit from (
        select e.id, case
                   when e.duplicate_of is not null then 'is a duplicate of ' || e.duplicate_of
                   when p_act in ('stop', 'send', 'skip') and e.state <> 'active' then 'is ' || e.state || ', not active'
                   when p_act = 'restart' and e.state <> 'stopped' then 'is ' || e.state || ', not stopped'
                   when p_act = 'send' and e.overdue_since is null then 'is not overdue'
                   when p_act = 'move' and t.key is null then 'has no step ' || p_step
                   when p_act <> 'stop' and c.state is not null
                        then 'has a call whose outcome is ' || case c.state when 'sending' then 'awaited' else 'unknown: relink sends decide ' || c.id end
                   when p_act in ('move', 'restart') and exists (
                        select from relink.sends s
                         where s.enrollment_id = e.id and s.state = 'sent'
                           and coalesce(s.step_key, 'step-' || s.step::text)
                               = coalesce(t.key, e.step_key, 'step-' || e.step::text))
                        then 'had that step, which is not sent twice; move it to another' end as why
          from relink.enrollments e
          left join lateral (select relink.step_named(e.campaign_id, p_step) as key) t on true
          left join lateral (select s.id, s.state from relink.sends s
                              where s.enrollment_id = e.id and s.state in ('sending', 'unknown') limit 1) c on true
         where e.id = any (named)) q
     where q.why is not null order by q.id limit 1;
    if found then
        raise exception 'enrollment %: %', unfit.id, unfit.why using errcode = '55000';
    end if;
    perform relink.note_operation(p_audit, who, 'enrollments.' || p_act, coalesce(p_overdue_of, named[1])::text, p_reason,
        jsonb_build_object('enrollments', to_jsonb(named), 'step', p_step));
    update relink.enrollments e
       set step_key = case p_act when 'move' then relink.step_named(e.campaign_id, p_step) when 'skip' then coalesce(n.key, e.step_key) else e.step_key end,
           state = case when p_act = 'stop' then 'stopped' when p_act = 'skip' and n.key is null then 'done' else 'active' end,
           due_at = case when p_act = 'skip' then instant + n.wait when p_act <> 'stop' then instant end,
           not_before = null, overdue_since = null, odd_refusals = 0,
           stopped_at = case when p_act = 'stop' then instant end,
           stopped_why = case when p_act = 'stop' then 'stopped by ' || who || ': ' || btrim(p_reason) end
      from relink.enrollments o
      left join relink.campaign_steps h on h.campaign_id = o.campaign_id and h.key = coalesce(o.step_key, 'step-' || o.step::text)
      left join lateral (
           select f.key, f.wait from relink.campaign_steps f
            where p_act = 'skip' and f.campaign_id = o.campaign_id and f.step > coalesce(h.step, o.step)
            order by f.step limit 1) n on true
     where e.id = o.id and o.id = any (named);
    return query select cardinality(named)::bigint,
        (select count(*) from relink.sends s where s.enrollment_id = any (named) and s.state = 'sending'),
        (select count(*) from relink.enrollments e
          where e.campaign_id = p_overdue_of and e.state = 'active' and e.overdue_since is not null);
end $$;

-- R-CAM-6: enrollments go to other senders of the workspace, as a preview said. What was sent stays with the old sender.
create function relink.reassign_enrollments(p_token text, p_audit uuid, p_campaign uuid, p_from uuid, p_enrollments uuid[],
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

revoke all on all functions in schema relink from public;
grant execute on function relink.pause_campaign(text, uuid, uuid, text, text), relink.decide_send(text, uuid, uuid, text, text),
    relink.change_enrollments(text, uuid, text, uuid[], uuid, text, text),
    relink.reassign_enrollments(text, uuid, uuid, uuid, uuid[], uuid[], text) to relink_operator;
