-- The shapes of workspaces and of records, which name nobody.

-- R-AUD-5: a record holds a keyed digest where it would otherwise name a person. The key lives here and in no setting,
-- because statements of every process, of operators' functions and of migrations must come to one digest, and because a
-- record is worth as much as the database that it stands in. No role may read it.
create table relink.digest_key (
    only_row  boolean primary key default true check (only_row),
    -- HMAC's two blocks: the key of 32 random bytes, padded to 64, over 0x36 and over 0x5c.
    inner_pad bytea not null check (length(inner_pad) = 64),
    outer_pad bytea not null check (length(outer_pad) = 64)
);
do $$
declare
    -- Each UUID holds 122 bits of the server's strong randomness.
    key bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
                     || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    inner_block bytea := decode(repeat('36', 64), 'hex');
    outer_block bytea := decode(repeat('5c', 64), 'hex');
begin
    for i in 0 .. 31 loop
        inner_block := set_byte(inner_block, i, get_byte(key, i) # 54);
        outer_block := set_byte(outer_block, i, get_byte(key, i) # 92);
    end loop;
    insert into relink.digest_key (inner_pad, outer_pad) values (inner_block, outer_block);
end $$;

-- HMAC-SHA256 of what names a person, in hex; null of null. Equal texts have equal digests, so that rows can be compared
-- and none can be read back.
create function relink.person_digest(p_text text) returns text
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(p_text, 'UTF8'))), 'hex')
            from relink.digest_key k $$;

-- R-AUD-1: the bytes that a hash covers say where each field ends. Under form 1 two different rows could be one text.
alter table relink.account_audit add column form smallint not null default 1;
alter table relink.account_audit alter column form set default 2;

-- Each field after its length in bytes and a colon; `-` is null.
create function relink.framed(p_fields text[]) returns text
    language sql immutable parallel safe
    as $$ select string_agg(coalesce(octet_length(f.field) || ':' || f.field, '-'), '' order by f.nth)
            from unnest(p_fields) with ordinality as f(field, nth) $$;

-- The bytes that a row's hash covers. `relink audit verify` computes them by itself and does not trust this function.
create or replace function relink.audit_digest(a relink.account_audit) returns bytea
    language sql immutable parallel safe
    as $$ select sha256(coalesce(a.prev_hash, '') || convert_to(case a.form when 1 then concat_ws(E'\x1f',
            a.id, a.account_id, a.version,
            (extract(epoch from a.at) * 1000000)::bigint, (extract(epoch from a.recorded_at) * 1000000)::bigint,
            coalesce(a.from_status::text, ''), a.to_status::text, a.cause, a.actor, a.recorded_by,
            coalesce(a.job_id::text, ''), a.evidence::text, a.xid::text)
        else relink.framed(array[a.form::text,
            a.id::text, a.account_id::text, a.version::text,
            (extract(epoch from a.at) * 1000000)::bigint::text, (extract(epoch from a.recorded_at) * 1000000)::bigint::text,
            a.from_status::text, a.to_status::text, a.cause, a.actor, a.recorded_by,
            a.job_id::text, a.evidence::text, a.xid::text]) end, 'UTF8')) $$;

create or replace function relink.chain_audit() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
begin
    new.form := 2;
    new.xid := pg_current_xact_id();
    new.recorded_by := session_user;
    -- A row's month follows from this column, so it cannot be set here; but it must be about now.
    if new.recorded_at not between relink.clock() - interval '30 minutes' and relink.clock() then
        raise exception 'audit row % of account % is recorded at %, which is not now', new.version, new.account_id, new.recorded_at
            using errcode = '23514';
    end if;
    if new.version = 1 then
        if new.from_status is not null then
            raise exception 'audit row 1 of account % must come from nothing', new.account_id using errcode = '23514';
        end if;
        new.prev_hash := null;
        new.hash := relink.audit_digest(new);
        insert into relink.audit_heads values (new.account_id, 1, new.to_status, new.hash, new.xid);
        return new;
    end if;
    select h.hash into new.prev_hash from relink.audit_heads h
     where h.account_id = new.account_id and h.version = new.version - 1 and h.status = new.from_status
       for update;
    if not found then
        raise exception 'audit row % of account % does not continue its chain', new.version, new.account_id
            using errcode = '23514', constraint = 'audit_chain';
    end if;
    new.hash := relink.audit_digest(new);
    update relink.audit_heads h
       set version = new.version, status = new.to_status, hash = new.hash, xid = new.xid
     where h.account_id = new.account_id;
    return new;
end $$;

-- A name of the tz database, as every worker reads it: `Europe/Berlin`, `UTC`. Abbreviations and offsets are none.
create function relink.is_zone(p_zone text) returns boolean
    language plpgsql stable set search_path = pg_catalog, pg_temp
    as $$ begin
    if p_zone <> 'UTC' and p_zone !~ '^[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+)+$' then return false; end if;
    perform timestamptz 'epoch' at time zone p_zone;
    return true;
exception when invalid_parameter_value then return false;
end $$;

-- Unknown zones of before stay as they are, and their accounts do not send (`relink why` says so); no new one is saved.
alter table relink.send_rules add constraint zone_is_known check (relink.is_zone(zone)) not valid;

-- R-WSP-1: what its accounts and campaigns have without settings of their own. Null: the default of relink.rules_at.
alter table relink.workspaces
    -- Steps up with every change.
    add column version         integer not null default 1,
    add column zone            text check (relink.is_zone(zone)),
    add column start_minute    smallint check (start_minute between 0 and 1439),
    add column end_minute      smallint check (end_minute between 1 and 1440),
    add column days            smallint check (days between 1 and 127),
    add column on_sender_loss  text not null default 'pause_campaign'
                               check (on_sender_loss in ('pause_campaign', 'continue_with_remaining')),
    -- Where owners are sent who need a person of the product's.
    add column support_address text check (support_address ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    add column ended_at        timestamptz,
    add constraint both_ends_of_a_window check ((start_minute is null) = (end_minute is null) and start_minute < end_minute);

-- The product's team.
create table relink.contacts (
    workspace_id uuid not null references relink.workspaces,
    address      text not null check (address ~ '^[^@[:space:]]+@[^@[:space:]]+$' and address = lower(address)),
    name         text not null default '',
    primary key (workspace_id, address)
);

-- Null: as the workspace says.
alter table relink.campaigns alter column on_sender_loss drop not null, alter column on_sender_loss drop default;

-- The owner's own zone, if it is known.
alter table relink.accounts add column zone text check (relink.is_zone(zone));

-- R-CAP-3: when an account sends, and whose settings say so: its own, else its workspace's, else 09:00–18:00, Monday to
-- Friday, in the owner's zone, else the workspace's, else UTC. The ramp of a mailbox is slower.
create function relink.rules_at(p_account uuid)
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
       case when r.account_id is not null then 'account'
            when w.start_minute is not null or w.days is not null then 'workspace' else 'default' end,
       case when r.account_id is not null then 'account' when a.zone is not null then 'owner'
            when w.zone is not null then 'workspace' else 'unknown' end
  from relink.accounts a
  join relink.workspaces w on w.id = a.workspace_id
  left join relink.send_rules r on r.account_id = a.id
 where a.id = p_account
$$;

drop function relink.senders_at(uuid[], timestamptz);
-- Accounts as senders, at p_now (policy::sends::sender::Sender).
create function relink.senders_at(p_accounts uuid[], p_now timestamptz)
    returns table (account_id uuid, workspace_id uuid, name text, status text, tier text, zone text, start_minute smallint,
                   end_minute smallint, days smallint, ramp_start integer, ramp_step integer, rules_version integer,
                   first_connected_at timestamptz, outage_from timestamptz, outage_until timestamptz, hold_reasons text[],
                   hold_ends timestamptz[], probe text, last_send uuid, last_at timestamptz, is_busy boolean,
                   slack_s float8, rules_from text, zone_from text)
    language sql stable set search_path = pg_catalog, pg_temp
    as $$
select a.id, a.workspace_id, a.name, a.status::text, a.tier,
       r.zone, r.start_minute, r.end_minute, r.days, r.ramp_start, r.ramp_step, r.version,
       a.first_connected_at, a.outage_from, a.outage_until, h.reasons, h.ends,
       case when p.account_id is null then 'not_needed'
            when last.at > p.ends_at then 'pending' else 'due' end,
       last.id, last.at,
       exists (select from relink.sends s where s.account_id = a.id and s.state = 'sending'),
       extract(epoch from relink.send_slack())::float8, r.rules_from, r.zone_from
  from relink.accounts a
  cross join lateral relink.rules_at(a.id) r
  left join lateral (
       select array_agg(h.reason order by h.reason) as reasons, array_agg(h.ends_at order by h.reason) as ends
         from relink.account_holds h
        where h.account_id = a.id and h.ended_at is null and (h.ends_at is null or h.ends_at > p_now)) h on true
  left join relink.account_holds p
         on p.account_id = a.id and p.reason = 'protective' and p.ends_at <= p_now and p.proved_at is null
  left join lateral (
       select n.id, n.at from relink.send_caps k cross join lateral (
           select s.id, s.counted_at as at from relink.sends s
            where s.account_id = a.id and s.action = k.action and s.counted_at is not null
            order by s.counted_at desc limit 1) n
        where k.tier = 'free' order by n.at desc limit 1) last on true
 where a.id = any (p_accounts)
$$;

-- Writes settings of a workspace that were asked for, each as it is checked; a null takes one back to its default. What it
-- answers are the names of what was asked for, for the record: the values stand in the row.
create function relink.put_settings(p_workspace uuid, p_changes jsonb) returns text[]
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
        update relink.send_closed c set until = '-infinity'
          from relink.accounts a where a.workspace_id = p_workspace and c.account_id = a.id;
    end if;
    return asked;
exception when check_violation then
    get stacked diagnostics failed = constraint_name;
    raise exception 'settings: % refuses it', replace(failed, 'workspaces_', '') using errcode = '22023';
end $$;

create function relink.create_workspace(p_token text, p_audit uuid, p_id uuid, p_settings jsonb, p_reason text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
begin
    if coalesce(btrim(p_settings ->> 'name'), '') = '' then
        raise exception 'name: say one' using errcode = '22023';
    end if;
    insert into relink.workspaces (id, name, created_at, version) values (p_id, btrim(p_settings ->> 'name'), relink.clock(), 0);
    perform relink.note_operation(p_audit, who, 'workspace.create', p_id::text, p_reason,
                                  jsonb_build_object('settings', relink.put_settings(p_id, p_settings)));
end $$;

-- Changes a workspace's settings, if it is still at that version (null: at any); its version after that. Without a
-- workspace: the one that the token is of. A product changes its own and no other.
create function relink.change_workspace(p_token text, p_audit uuid, p_workspace uuid, p_version integer, p_changes jsonb,
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
     where id = coalesce(p_workspace, bearer.workspace_id) and id = coalesce(bearer.workspace_id, p_workspace) for update;
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

-- R-SUB-1: says until when a workspace's subscription runs; null: it does not end. `subscriptions.grace` does what follows.
create function relink.subscribe_workspace(p_token text, p_audit uuid, p_workspace uuid, p_ends_at timestamptz, p_reason text)
    returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
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
            renewed_at = case when excluded.ended_at is null and s.ended_at is not null then relink.clock()
                              when excluded.ended_at is null then s.renewed_at end;
end $$;

-- Ends a workspace: its tokens are revoked and its work is paused at once, its subscription is over. Its rows stay.
create function relink.end_workspace(p_token text, p_audit uuid, p_workspace uuid, p_reason text) returns timestamptz
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    instant timestamptz := relink.clock();
    t record;
begin
    perform 1 from relink.workspaces where id = p_workspace for update;
    if not found then
        raise exception 'workspace: there is no workspace %', p_workspace using errcode = 'P0002';
    end if;
    perform 1 from relink.workspaces where id = p_workspace and ended_at is not null;
    if found then
        raise exception 'workspace: % has ended already', p_workspace using errcode = '55000';
    end if;
    perform relink.subscribe_workspace(p_token, gen_random_uuid(), p_workspace, instant, p_reason);
    perform relink.pause_work(p_token, gen_random_uuid(), gen_random_uuid(), 'workspace', p_workspace::text, 'hold', null, '{}', '{}',
                              p_reason);
    for t in select k.id from relink.operator_tokens k where k.workspace_id = p_workspace and k.revoked_at is null for update loop
        perform relink.note_operation(gen_random_uuid(), who, 'operator.revoke', t.id, p_reason, '{}');
        update relink.operator_tokens set revoked_at = instant where id = t.id;
    end loop;
    perform relink.note_operation(p_audit, who, 'workspace.end', p_workspace::text, p_reason, '{}');
    update relink.workspaces set ended_at = instant, version = version + 1 where id = p_workspace;
    return instant;
end $$;

-- The zone that an account's owner lives in; null: nobody knows it.
create function relink.set_owner_zone(p_token text, p_audit uuid, p_account uuid, p_zone text, p_reason text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
begin
    if not coalesce(relink.is_zone(p_zone), true) then
        raise exception 'zone: use a name of the tz database, such as Europe/Berlin' using errcode = '22023';
    end if;
    perform relink.note_operation(p_audit, who, 'account.zone', p_account::text, p_reason, jsonb_build_object('zone', p_zone));
    update relink.accounts set zone = p_zone where id = p_account;
    if not found then
        raise exception 'account: there is no account %', p_account using errcode = 'P0002';
    end if;
    update relink.send_closed set until = '-infinity' where account_id = p_account;
end $$;

revoke all on relink.digest_key, relink.contacts from public;
grant select on relink.contacts to relink_worker, relink_scheduler, relink_reader, relink_operator;
revoke all on all functions in schema relink from public;
grant execute on function relink.person_digest(text), relink.is_zone(text), relink.rules_at(uuid), relink.senders_at(uuid[], timestamptz)
    to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant execute on function relink.create_workspace(text, uuid, uuid, jsonb, text),
    relink.change_workspace(text, uuid, uuid, integer, jsonb, text),
    relink.subscribe_workspace(text, uuid, uuid, timestamptz, text), relink.end_workspace(text, uuid, uuid, text),
    relink.set_owner_zone(text, uuid, uuid, text, text) to relink_operator;
