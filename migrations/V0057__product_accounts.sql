-- Accounts that products make and change, and what their workspaces say of links and notices (R-WSP-1, R-API-1, R-API-2).

alter table relink.accounts
    -- Steps up with every change of what its product says of it.
    add column settings_version integer not null default 1,
    -- Where its owner is reached; null: nowhere, and nobody is told. In no record (R-AUD-5).
    add column owner_email text check (owner_email = lower(owner_email) and owner_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    add column owner_name  text check (owner_name <> ''),
    -- Language that its owner reads, a tag like `de-DE`.
    add column locale      text check (locale ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$');
create index accounts_by_handle on relink.accounts (workspace_id, handle) where handle is not null;

-- Lists of attempts, the newest first.
create index link_attempts_by_age on relink.link_attempts (started_at desc, id desc);

alter table relink.workspaces
    -- R-ORP-2: a first link needs a declared profile or address to be compared with.
    add column require_handle boolean not null default false,
    -- R-LNK-7: how owners are told.
    add column notices text not null default 'mail' check (notices in ('mail', 'event', 'both', 'none')),
    -- Where the provider's page sends an owner's browser, unless a call says another place; null: to our own page.
    add column success_url text check (success_url ~ '^https?://[^[:space:]]+$'),
    add column failure_url text check (failure_url ~ '^https?://[^[:space:]]+$');

-- The texts that are not a person's but point at one are written in one way: lower case, a profile out of its URL.
create function relink.declared_handle(p_kind text, p_handle text) returns text
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp
    as $$ select lower(relink.canonical_handle(case when p_kind = 'LINKEDIN' then 'linkedin' else 'email' end, p_handle)) $$;

-- Another account of a workspace that is that person, whether linked or not; null: none. A member of LinkedIn and a mailbox are
-- never one account.
create function relink.account_of_handle(p_workspace uuid, p_kind text, p_handle text, p_but uuid) returns uuid
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
select (f.account).id
  from (select a as account from relink.accounts a where a.workspace_id = p_workspace and a.handle = p_handle
        union all
        select a from relink.accounts a where a.identity = p_handle
        union all
        select a
          from relink.sessions_seen s join relink.accounts a on a.session_id = s.session_id
         where s.handle = p_handle) f
 where (f.account).workspace_id = p_workspace and (f.account).id is distinct from p_but
   and ((f.account).kind = 'LINKEDIN') = (p_kind = 'LINKEDIN')
   -- A row that went on as another one is nobody.
   and to_jsonb(f.account) ->> 'merged_into' is null
 order by (f.account).id limit 1
$$;

-- One at a time says that a person or a name is an account's: the keys of accounts/lock_claims.sql.
create function relink.lock_declared(p_workspace uuid, p_names text[]) returns void
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
select pg_advisory_xact_lock(7266, k.key)
  from (select distinct hashtext(p_workspace::text || t.name) as key from unnest(p_names) as t(name) where t.name is not null
         order by key) k
$$;

-- A product makes an account; nobody is linked to it yet. `made` says `made`, or why not:
-- `identity` (that account is the person), `external_id` (that account has the name).
create function relink.create_account(p_token text, p_audit uuid, p_account uuid, p_details jsonb, p_reason text)
    returns table (account uuid, made text)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'product');
    of_workspace uuid := (select t.workspace_id from relink.use_token(p_token) t);
    instant timestamptz := relink.clock();
    declared text := relink.declared_handle(p_details ->> 'kind', p_details ->> 'handle');
    w relink.workspaces;
    other uuid;
begin
    select * into strict w from relink.workspaces where id = of_workspace for key share;
    if w.ended_at is not null then
        raise exception 'workspace: it ended at %', w.ended_at using errcode = '55000';
    elsif w.require_handle and declared is null then
        raise exception 'handle: this workspace wants the profile or the address that is to sign in' using errcode = '22023';
    end if;
    perform relink.lock_declared(of_workspace, array['handle ' || declared, 'external_id ' || (p_details ->> 'external_id')]);
    select a.id into other from relink.accounts a
     where a.workspace_id = of_workspace and a.external_id = p_details ->> 'external_id';
    if found then
        return query select other, 'external_id';
        return;
    end if;
    other := relink.account_of_handle(of_workspace, p_details ->> 'kind', declared, null);
    if other is not null then
        return query select other, 'identity';
        return;
    end if;
    perform relink.note_operation(p_audit, who, 'account.create', p_account::text, p_reason,
                                  jsonb_build_object('kind', p_details ->> 'kind', 'workspace', of_workspace));
    insert into relink.accounts (id, workspace_id, kind, name, handle, external_id, tier, owner_email, owner_name, locale, zone,
                                 status, status_since, created_at)
    values (p_account, of_workspace, p_details ->> 'kind', p_details ->> 'name', declared, p_details ->> 'external_id',
            coalesce(p_details ->> 'tier', 'free'), p_details ->> 'owner_email', p_details ->> 'owner_name',
            p_details ->> 'locale', p_details ->> 'zone', 'reconnect_needed', instant, instant);
    insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
    values (p_account, 1, instant, null, 'reconnect_needed', 'created', who);
    return query select p_account, 'made';
end $$;

-- A product changes what it said of an account of its own; a null takes a value back. The version after it; or, in `known`, the
-- account that is the person or has the name already.
create function relink.change_account(p_token text, p_audit uuid, p_account uuid, p_version integer, p_changes jsonb, p_reason text)
    returns table (version integer, known uuid, known_by text)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'product');
    of_workspace uuid := (select t.workspace_id from relink.use_token(p_token) t);
    declared text;
    wants_handle boolean;
    a relink.accounts;
    other uuid;
begin
    perform relink.lock_declared(of_workspace, array['handle ' || relink.declared_handle(o.kind, p_changes ->> 'handle'),
                                                     'external_id ' || (p_changes ->> 'external_id')])
       from relink.accounts o where o.id = p_account and o.workspace_id = of_workspace;
    select * into a from relink.accounts o where o.id = p_account and o.workspace_id = of_workspace for no key update;
    if not found then
        raise exception 'there is no account %', p_account using errcode = 'P0002';
    elsif a.settings_version <> p_version then
        raise exception 'version: it is at % by now, not at %', a.settings_version, p_version
            using errcode = '55000', constraint = 'version', detail = a.settings_version::text;
    end if;
    declared := case when p_changes ? 'handle' then relink.declared_handle(a.kind, p_changes ->> 'handle') else a.handle end;
    select w.require_handle into strict wants_handle from relink.workspaces w where w.id = of_workspace;
    if p_changes ? 'handle' and declared is null and wants_handle then
        raise exception 'handle: this workspace wants the profile or the address that is to sign in' using errcode = '22023';
    end if;
    if p_changes ? 'handle' and (declared like '%@%') <> (a.kind <> 'LINKEDIN') then
        raise exception 'handle: a LinkedIn account is named by its profile, a mailbox by its address' using errcode = '22023';
    end if;
    if p_changes ? 'external_id' then
        select o.id into other from relink.accounts o
         where o.workspace_id = of_workspace and o.external_id = p_changes ->> 'external_id' and o.id <> p_account;
        if found then
            return query select null::integer, other, 'external_id';
            return;
        end if;
    end if;
    other := case when p_changes ? 'handle' then relink.account_of_handle(of_workspace, a.kind, declared, p_account) end;
    if other is not null then
        return query select null::integer, other, 'identity';
        return;
    end if;
    perform relink.note_operation(p_audit, who, 'account.change', p_account::text, p_reason, jsonb_build_object(
        'settings', array(select k from jsonb_object_keys(p_changes) k order by k), 'version', a.settings_version + 1));
    -- R-CAP-1: caps that were lifted over a higher tier's are lifted no more under a lower one.
    update relink.send_limits l set lifted_by = null
      from relink.send_caps n, relink.send_caps b
     where l.account_id = p_account and l.lifted_by is not null
       and n.tier = p_changes ->> 'tier' and n.action = l.action and b.tier = a.tier and b.action = l.action
       and (n.day < b.day or n.week < b.week);
    update relink.accounts o
       set name = coalesce(p_changes ->> 'name', o.name),
           tier = coalesce(p_changes ->> 'tier', o.tier),
           handle = declared,
           external_id = case when p_changes ? 'external_id' then p_changes ->> 'external_id' else o.external_id end,
           owner_email = case when p_changes ? 'owner_email' then p_changes ->> 'owner_email' else o.owner_email end,
           owner_name = case when p_changes ? 'owner_name' then p_changes ->> 'owner_name' else o.owner_name end,
           locale = case when p_changes ? 'locale' then p_changes ->> 'locale' else o.locale end,
           zone = case when p_changes ? 'zone' then p_changes ->> 'zone' else o.zone end,
           settings_version = o.settings_version + 1
     where o.id = p_account;
    -- What was closed by the caps or the hours of before is looked at again.
    if p_changes ?| array['tier', 'zone'] then
        perform relink.look_again(p_account);
    end if;
    return query select a.settings_version + 1, null::uuid, null::text;
end $$;

-- Writes settings of a workspace that were asked for, each as it is checked; a null takes one back to its default. What it
-- answers are the names of what was asked for, for the record: the values stand in the row.
create or replace function relink.put_settings(p_workspace uuid, p_changes jsonb) returns text[]
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    known text[] := array['name', 'zone', 'start_minute', 'end_minute', 'days', 'on_sender_loss', 'support_address', 'contacts',
                          'require_handle', 'notices', 'success_url', 'failure_url'];
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
           require_handle = case when p_changes ? 'require_handle' then coalesce((p_changes ->> 'require_handle')::boolean, false)
                                 else w.require_handle end,
           notices = case when p_changes ? 'notices' then coalesce(p_changes ->> 'notices', 'mail') else w.notices end,
           success_url = case when p_changes ? 'success_url' then p_changes ->> 'success_url' else w.success_url end,
           failure_url = case when p_changes ? 'failure_url' then p_changes ->> 'failure_url' else w.failure_url end,
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

-- Notes that an operator, or a product of that workspace, was given a link; the attempt's row says the rest.
create function relink.note_link(p_token text, p_audit uuid, p_account uuid, p_attempt uuid, p_reason text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    bearer record;
begin
    select * into strict bearer from relink.use_token(p_token);
    if not bearer.scopes && array['operate', 'product'] then
        raise exception 'operator token: % may not do this: it needs the scope operate or product', bearer.operator
            using errcode = '42501';
    elsif not exists (select from relink.accounts a where a.id = p_account
                        and ('operate' = any (bearer.scopes) or a.workspace_id = bearer.workspace_id)) then
        raise exception 'there is no account %', p_account using errcode = 'P0002';
    end if;
    perform relink.note_operation(p_audit, bearer.operator, 'account.link', p_account::text, p_reason,
                                  jsonb_build_object('attempt', p_attempt));
end $$;

revoke all on all functions in schema relink from public;
grant execute on function relink.note_link(text, uuid, uuid, uuid, text), relink.create_account(text, uuid, uuid, jsonb, text),
    relink.change_account(text, uuid, uuid, integer, jsonb, text) to relink_operator;
