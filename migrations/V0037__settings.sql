-- Settings of accounts in people's hands (R-CAP-1, R-CAP-3, R-SUB-1, R-AUD-4): holds, caps, rules of sending and tiers have
-- an act each, and a subscription's end is in force in the transaction that says it.

-- A window that closes before it opens closes on the next local day; its weekday is that on which it opens. A column that
-- is null is inherited, so that whoever says one thing of an account does not freeze the rest.
alter table relink.send_rules
    alter column zone drop not null, alter column start_minute drop not null, alter column end_minute drop not null,
    alter column days drop not null, alter column ramp_start drop not null, alter column ramp_step drop not null,
    drop constraint window_opens_before_it_closes,
    add constraint window_has_two_ends check ((start_minute is null) = (end_minute is null) and start_minute <> end_minute),
    add constraint ramp_has_two_figures check ((ramp_start is null) = (ramp_step is null));
alter table relink.workspaces
    drop constraint both_ends_of_a_window,
    add constraint window_has_two_ends check ((start_minute is null) = (end_minute is null) and start_minute <> end_minute);

-- A cap of an action that does not exist bounds nothing, and a note of blanks is none.
alter table relink.send_limits
    add constraint send_limits_action_check check (action in
        ('invite', 'message', 'inmail', 'profile_view', 'withdraw_invite', 'remove_connection', 'email')) not valid,
    add constraint lifted_with_words check (lifted_by is null or btrim(note) <> '') not valid;

-- R-CAP-3: when an account sends, and whose settings say so, each by itself: its own, else its workspace's, else
-- 09:00–18:00, Monday to Friday, in the owner's zone, else the workspace's, else UTC. The ramp of a mailbox is slower.
create or replace function relink.rules_at(p_account uuid)
    returns table (zone text, start_minute smallint, end_minute smallint, days smallint, ramp_start integer, ramp_step integer,
                   version integer, rules_from text, zone_from text)
    language sql stable
    as $$
select coalesce(r.zone, a.zone, w.zone, 'UTC'),
       coalesce(r.start_minute, w.start_minute, 9 * 60)::smallint, coalesce(r.end_minute, w.end_minute, 18 * 60)::smallint,
       coalesce(r.days, w.days, 31)::smallint,
       coalesce(r.ramp_start, case when a.kind = 'LINKEDIN' then 10 else 5 end),
       coalesce(r.ramp_step, case when a.kind = 'LINKEDIN' then 5 else 2 end),
       -- Inherited ones have none: a change of theirs is in force for what is decided after it.
       coalesce(r.version, 0),
       case when r.start_minute is not null or r.days is not null then 'account'
            when w.start_minute is not null or w.days is not null then 'workspace' else 'default' end,
       case when r.zone is not null then 'account' when a.zone is not null then 'owner'
            when w.zone is not null then 'workspace' else 'unknown' end
  from relink.accounts a
  join relink.workspaces w on w.id = a.workspace_id
  left join relink.send_rules r on r.account_id = a.id
 where a.id = p_account
$$;

-- Locks an account for an act of a person's, before whatever the act writes: in the order of every other lock.
create function relink.lock_account(p_account uuid) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    perform a.id from relink.accounts a where a.id = p_account for no key update;
    if not found then
        raise exception 'account: there is no account %', p_account using errcode = 'P0002';
    end if;
end $$;

-- When a person's act last opened it: a dispatch that looked before that closes nothing by what it saw then.
alter table relink.send_closed add column reopened_at timestamptz not null default '-infinity';

-- Lets the dispatch look at an account again, whatever its actions were closed for, also where one that is under way would
-- close them by the settings of before.
create function relink.look_again(p_account uuid) returns void
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
insert into relink.send_closed (account_id, action, until, rule, reopened_at)
select p_account, k.action, '-infinity', 'reopened', relink.clock() from relink.send_caps k where k.tier = 'free' order by k.action
    on conflict (account_id, action) do update set until = excluded.until, reopened_at = excluded.reopened_at
$$;

-- A person holds an account: nothing of it is sent until that instant (null: until a person ends it). What is reserved and
-- not called yet is taken back; a hold of theirs that stands already gets the new end. The end.
create function relink.hold_account(p_token text, p_audit uuid, p_account uuid, p_for interval, p_reason text)
    returns timestamptz
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz;
    until timestamptz;
    was relink.account_holds;
begin
    perform relink.lock_account(p_account);
    instant := relink.clock();
    until := instant + p_for;
    if until <= instant then
        raise exception 'for: a hold lasts for some time' using errcode = '22023';
    end if;
    select h.* into was from relink.account_holds h
     where h.account_id = p_account and h.reason = 'operator' and h.ended_at is null
       and (h.ends_at is null or h.ends_at > instant);
    perform relink.note_operation(p_audit, who, 'account.hold', p_account::text, p_reason, jsonb_build_object(
        'hold', 'operator', 'ends_at', until, 'was_since', was.since, 'was_until', was.ends_at));
    insert into relink.account_holds as h (account_id, reason, since, ends_at, note)
    values (p_account, 'operator', instant, until, btrim(p_reason))
        on conflict (account_id, reason) do update
        set since = coalesce(was.since, excluded.since), ends_at = excluded.ends_at, note = excluded.note, ended_at = null,
            proved_at = null;
    perform relink.take_back_reserved(array[p_account], who, instant);
    -- What was closed until the end of before is looked at again.
    perform relink.look_again(p_account);
    return until;
end $$;

-- Takes back what some held accounts have reserved and not called (R-CAP-5); their steps keep their place in line.
create function relink.take_back_reserved(p_accounts uuid[], p_actor text, p_now timestamptz) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    accounts uuid[];
    sends uuid[];
begin
    select array_agg(s.account_id order by s.account_id, s.id), array_agg(s.id order by s.account_id, s.id) into accounts, sends
      from relink.sends s where s.account_id = any (p_accounts) and s.state = 'reserved';
    if accounts is not null then
        perform relink.cancel_sends(p_accounts => accounts, p_sends => sends,
            p_codes => array_fill('hold'::text, array[cardinality(sends)]), p_now => p_now, p_actor => p_actor, p_job => null);
    end if;
end $$;

-- R-CAP-1: an account's own caps of an action. A number stays where it is not named, and null takes it back to the tier's.
-- One above the tier's must be lifted, and why is kept with it; a lift stays as long as a number needs it. What is left: the
-- numbers, whether they are lifted, and the tier's.
create function relink.cap_account(p_token text, p_audit uuid, p_account uuid, p_action text, p_changes jsonb, p_lift boolean,
                                   p_reason text)
    returns table (day integer, week integer, is_lifted boolean, tier_day integer, tier_week integer)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
#variable_conflict use_column
declare
    who text := relink.operator_of(p_token, 'operate');
    tier relink.send_caps;
    was relink.send_limits;
    named record;
    is_above boolean;
    lifter text;
begin
    perform relink.lock_account(p_account);
    select c.* into tier from relink.accounts a join relink.send_caps c on c.tier = a.tier and c.action = p_action
     where a.id = p_account;
    if not found then
        raise exception 'action: there is no action %', p_action using errcode = '22023';
    elsif p_changes = '{}' or exists (select from jsonb_object_keys(p_changes) k where k <> all (array['day', 'week'])) then
        raise exception 'caps: name day, week or both' using errcode = '22023';
    end if;
    select l.* into was from relink.send_limits l where l.account_id = p_account and l.action = p_action;
    for named in select n.word, n.own, n.tiers from (values
            ('day', (p_changes ->> 'day')::integer, tier.day), ('week', (p_changes ->> 'week')::integer, tier.week))
            as n(word, own, tiers) loop
        if named.own < 0 then
            raise exception '%: a cap is 0 or more', named.word using errcode = '22023';
        elsif named.own > named.tiers and not p_lift then
            raise exception '%: % is above its tier''s %; a cap above it must be lifted', named.word, named.own, named.tiers
                using errcode = '22023';
        end if;
    end loop;
    -- A cap of before that exceeds the tier's without a lift was never in force, and is not lifted by the way.
    if was.lifted_by is null then
        was.day := case when was.day is not null then least(was.day, tier.day) end;
        was.week := case when was.week is not null then least(was.week, tier.week) end;
    end if;
    if p_changes ? 'day' then was.day := (p_changes ->> 'day')::integer; end if;
    if p_changes ? 'week' then was.week := (p_changes ->> 'week')::integer; end if;
    is_above := coalesce(was.day > tier.day, false) or coalesce(was.week > tier.week, false);
    lifter := case when is_above and p_lift then who when is_above then was.lifted_by end;
    perform relink.note_operation(p_audit, who, 'account.cap', p_account::text, p_reason, jsonb_build_object(
        'action', p_action, 'caps', p_changes, 'lifted', lifter is not null,
        'was', (select to_jsonb(l) - 'account_id' - 'action' - 'note' from relink.send_limits l
                 where l.account_id = p_account and l.action = p_action)));
    insert into relink.send_limits (account_id, action, day, week, lifted_by, note)
    values (p_account, p_action, was.day, was.week, lifter, btrim(p_reason))
        on conflict (account_id, action) do update
        set day = excluded.day, week = excluded.week, lifted_by = excluded.lifted_by, note = excluded.note;
    perform relink.look_again(p_account);
    return query select was.day, was.week, lifter is not null, tier.day, tier.week;
end $$;

-- R-CAP-3: an account's own rules of sending. What is not named stays, and null is inherited again. The rules in force
-- after that, as rules_at says them.
create function relink.rule_account(p_token text, p_audit uuid, p_account uuid, p_changes jsonb, p_reason text)
    returns table (zone text, start_minute smallint, end_minute smallint, days smallint, ramp_start integer, ramp_step integer,
                   zone_from text)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
#variable_conflict use_column
declare
    who text := relink.operator_of(p_token, 'operate');
    known text[] := array['zone', 'start_minute', 'end_minute', 'days', 'ramp_start', 'ramp_step'];
    asked text[] := array(select k from jsonb_object_keys(p_changes) k);
    failed text;
begin
    if asked = '{}' or not asked <@ known then
        raise exception 'rules: name one of %', array_to_string(known, ', ') using errcode = '22023';
    elsif not coalesce(relink.is_zone(p_changes ->> 'zone'), true) then
        raise exception 'zone: use a name of the tz database, such as Europe/Berlin' using errcode = '22023';
    elsif (p_changes ->> 'days')::integer = 0 then
        raise exception 'days: name a weekday' using errcode = '22023';
    elsif (p_changes ->> 'ramp_start')::integer < 1 then
        raise exception 'ramp: it begins with 1 a day or more; an account that must not send is held' using errcode = '22023';
    end if;
    perform relink.lock_account(p_account);
    perform relink.note_operation(p_audit, who, 'account.rules', p_account::text, p_reason, jsonb_build_object(
        'rules', p_changes,
        'was', (select to_jsonb(r) - 'account_id' - 'version' from relink.send_rules r where r.account_id = p_account)));
    -- A row that is there is never deleted: its version must not begin again.
    insert into relink.send_rules as r (account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step)
    values (p_account, p_changes ->> 'zone', (p_changes ->> 'start_minute')::smallint, (p_changes ->> 'end_minute')::smallint,
            (p_changes ->> 'days')::smallint, (p_changes ->> 'ramp_start')::integer, (p_changes ->> 'ramp_step')::integer)
        on conflict (account_id) do update
        set zone = case when p_changes ? 'zone' then excluded.zone else r.zone end,
            start_minute = case when p_changes ? 'start_minute' then excluded.start_minute else r.start_minute end,
            end_minute = case when p_changes ? 'end_minute' then excluded.end_minute else r.end_minute end,
            days = case when p_changes ? 'days' then excluded.days else r.days end,
            ramp_start = case when p_changes ? 'ramp_start' then excluded.ramp_start else r.ramp_start end,
            ramp_step = case when p_changes ? 'ramp_step' then excluded.ramp_step else r.ramp_step end;
    perform relink.look_again(p_account);
    return query select n.zone, n.start_minute, n.end_minute, n.days, n.ramp_start, n.ramp_step, n.zone_from
                   from relink.rules_at(p_account) n;
exception when check_violation then
    get stacked diagnostics failed = constraint_name;
    raise exception 'rules: % refuses it', replace(failed, 'send_rules_', '') using errcode = '22023';
end $$;

-- The caps of another tier hold from this transaction on. Caps that were lifted over a higher tier are lifted no more under a
-- lower one: who lifted them knew only that one. The tier of before, and the actions whose lift ended.
create function relink.tier_account(p_token text, p_audit uuid, p_account uuid, p_tier text, p_reason text)
    returns table (was text, unlifted text[])
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    before text;
    fewer text[];
begin
    perform 1 from relink.send_caps c where c.tier = p_tier;
    if not found then
        raise exception 'tier: there is no tier %', p_tier using errcode = '22023';
    end if;
    perform relink.lock_account(p_account);
    select a.tier into strict before from relink.accounts a where a.id = p_account;
    with ended as (
        update relink.send_limits l set lifted_by = null
          from relink.send_caps n, relink.send_caps o
         where l.account_id = p_account and l.lifted_by is not null
           and n.tier = p_tier and n.action = l.action and o.tier = before and o.action = l.action
           and (n.day < o.day or n.week < o.week)
        returning l.action
    )
    select coalesce(array_agg(e.action order by e.action), '{}') into fewer from ended e;
    perform relink.note_operation(p_audit, who, 'account.tier', p_account::text, p_reason, jsonb_build_object(
        'tier', p_tier, 'was', before, 'lifts_ended', fewer));
    update relink.accounts a set tier = p_tier where a.id = p_account and a.tier <> p_tier;
    -- What was closed by the caps of before is looked at again.
    perform relink.look_again(p_account);
    return query select before, fewer;
end $$;

-- R-SUB-1: makes one workspace's accounts and campaigns follow its subscription, as `subscriptions.grace` does for all. Locks
-- accounts, then campaigns, each by id. How many accounts and campaigns it changed.
create function relink.follow_subscription(p_workspace uuid, p_actor text, p_now timestamptz)
    returns table (accounts bigint, campaigns bigint)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    held uuid[];
    changed bigint;
begin
    perform a.id from relink.accounts a where a.workspace_id = p_workspace order by a.id for no key update;
    perform c.id from relink.campaigns c where c.workspace_id = p_workspace order by c.id for update;
    perform 1 from relink.subscriptions s where s.workspace_id = p_workspace and s.ended_at <= p_now;
    if found then
        with written as (
            insert into relink.account_holds as h (account_id, reason, since, note)
            select a.id, 'subscription', p_now, 'the subscription ended' from relink.accounts a where a.workspace_id = p_workspace
                on conflict (account_id, reason) do update
                set since = excluded.since, ends_at = null, note = excluded.note, ended_at = null, proved_at = null
              where h.ended_at is not null
            returning account_id
        )
        select coalesce(array_agg(w.account_id), '{}') into held from written w;
        perform relink.take_back_reserved(held, p_actor, p_now);
        insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
        select gen_random_uuid(), c.id, 'subscription', p_now, p_actor, 'the subscription ended'
          from relink.campaigns c where c.workspace_id = p_workspace
            on conflict (campaign_id, reason) where lifted_at is null do nothing;
        get diagnostics changed = row_count;
        return query select cardinality(held)::bigint, changed;
    else
        with ended as (
            update relink.account_holds h set ended_at = p_now
              from relink.accounts a
             where a.workspace_id = p_workspace and h.account_id = a.id and h.reason = 'subscription' and h.ended_at is null
            returning h.account_id
        )
        select array_agg(e.account_id) into held from ended e;
        update relink.campaign_pauses p set lifted_at = p_now, lifted_by = p_actor
          from relink.campaigns c
         where c.workspace_id = p_workspace and p.campaign_id = c.id and p.reason = 'subscription' and p.lifted_at is null;
        get diagnostics changed = row_count;
        return query select coalesce(cardinality(held), 0)::bigint, changed;
    end if;
end $$;

-- As in V0025, and what follows from it is in force in this transaction; the sweep is the net. How many accounts and campaigns
-- were held or let go.
drop function relink.subscribe_workspace(text, uuid, uuid, timestamptz, text);
create function relink.subscribe_workspace(p_token text, p_audit uuid, p_workspace uuid, p_ends_at timestamptz, p_reason text)
    returns table (accounts bigint, campaigns bigint)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
begin
    perform 1 from relink.workspaces where id = p_workspace and ended_at is null;
    if not found then
        raise exception 'workspace: there is no workspace % that has not ended', p_workspace using errcode = 'P0002';
    end if;
    perform relink.note_operation(p_audit, who, 'workspace.subscribe', p_workspace::text, p_reason,
                                  jsonb_build_object('ends_at', p_ends_at));
    insert into relink.subscriptions as s (workspace_id, ended_at) values (p_workspace, p_ends_at)
        on conflict (workspace_id) do update
        set ended_at = excluded.ended_at,
            renewed_at = case when s.ended_at <= instant and excluded.ended_at > instant then instant
                              when excluded.ended_at is null and s.ended_at is not null then instant
                              else s.renewed_at end;
    return query select f.accounts, f.campaigns from relink.follow_subscription(p_workspace, who, instant) f;
end $$;

-- As in V0025, and no dispatch that is under way closes the account by the zone of before.
create or replace function relink.set_owner_zone(p_token text, p_audit uuid, p_account uuid, p_zone text, p_reason text)
    returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
begin
    if not coalesce(relink.is_zone(p_zone), true) then
        raise exception 'zone: use a name of the tz database, such as Europe/Berlin' using errcode = '22023';
    end if;
    perform relink.lock_account(p_account);
    perform relink.note_operation(p_audit, who, 'account.zone', p_account::text, p_reason, jsonb_build_object('zone', p_zone));
    update relink.accounts set zone = p_zone where id = p_account;
    perform relink.look_again(p_account);
end $$;

revoke all on function relink.lock_account(uuid), relink.look_again(uuid), relink.take_back_reserved(uuid[], text, timestamptz),
    relink.follow_subscription(uuid, text, timestamptz),
    relink.hold_account(text, uuid, uuid, interval, text), relink.cap_account(text, uuid, uuid, text, jsonb, boolean, text),
    relink.rule_account(text, uuid, uuid, jsonb, text), relink.tier_account(text, uuid, uuid, text, text),
    relink.subscribe_workspace(text, uuid, uuid, timestamptz, text) from public;
grant execute on function relink.hold_account(text, uuid, uuid, interval, text),
    relink.cap_account(text, uuid, uuid, text, jsonb, boolean, text), relink.rule_account(text, uuid, uuid, jsonb, text),
    relink.tier_account(text, uuid, uuid, text, text), relink.subscribe_workspace(text, uuid, uuid, timestamptz, text)
    to relink_operator;
