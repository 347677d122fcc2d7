-- R-AUD-1: append-only, partitioned by month, hash-chained per account.
-- R-AUD-2: a flip and its audit row exist in one transaction, or neither does.

create sequence relink.account_audit_ids;

create table relink.account_audit (
    id          bigint not null default nextval('relink.account_audit_ids'),
    account_id  uuid not null,
    version     bigint not null check (version >= 1),
    -- When it was decided; recorded_at is when it was written, and nobody but the default sets it.
    at          timestamptz not null,
    recorded_at timestamptz not null default relink.clock(),
    from_status relink.account_status,
    to_status   relink.account_status not null,
    cause       text not null check (cause <> ''),
    actor       text not null check (actor <> ''),
    recorded_by text not null default session_user,
    job_id      uuid,
    evidence    jsonb not null default '{}',
    xid         xid8 not null default pg_current_xact_id(),
    prev_hash   bytea,
    hash        bytea,
    primary key (account_id, version, recorded_at)
) partition by range (recorded_at);

create index account_audit_by_id on relink.account_audit (id);
create index account_audit_losses on relink.account_audit (to_status, recorded_at);

-- The newest link of each account's chain. Written by the audit trigger alone: it makes a version unique over all
-- partitions, keeps the chain linear, and lets pairing be checked with two look-ups.
create table relink.audit_heads (
    account_id uuid primary key,
    version    bigint not null,
    status     relink.account_status not null,
    hash       bytea not null,
    xid        xid8 not null
) with (fillfactor = 70);

-- The bytes that a row's hash covers. `relink audit verify` computes them by itself and does not trust this function.
create function relink.audit_digest(a relink.account_audit) returns bytea
    language sql immutable parallel safe
    as $$ select sha256(coalesce(a.prev_hash, '') || convert_to(concat_ws(E'\x1f',
            a.id, a.account_id, a.version,
            (extract(epoch from a.at) * 1000000)::bigint, (extract(epoch from a.recorded_at) * 1000000)::bigint,
            coalesce(a.from_status::text, ''), a.to_status::text, a.cause, a.actor, a.recorded_by,
            coalesce(a.job_id::text, ''), a.evidence::text, a.xid::text), 'UTF8')) $$;

create function relink.chain_audit() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
begin
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

create trigger chain before insert on relink.account_audit
    for each row execute function relink.chain_audit();

-- Every change of status is one step of status_version, and nothing else moves it.
create function relink.step_status_version() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
begin
    if tg_op = 'INSERT' then
        new.status_version := 1;
    elsif new.id is distinct from old.id then
        raise exception 'account % keeps its id: its audit is about it', old.id using errcode = '23514';
    elsif new.status is distinct from old.status then
        new.status_version := old.status_version + 1;
    elsif new.status_version is distinct from old.status_version then
        raise exception 'status_version of account % is owned by its trigger', old.id using errcode = '23514';
    end if;
    return new;
end $$;

create trigger step_status_version before insert or update on relink.accounts
    for each row execute function relink.step_status_version();

-- Both ways at once: at commit the row's status and version are those of the newest audit row, and that row was
-- written by this transaction. With the chain above (each row continues the one before) every flip has exactly one
-- audit row and every audit row its flip.
create function relink.check_pairing() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    account uuid := case tg_table_name when 'accounts' then (to_jsonb(new) ->> 'id')::uuid
                                       else (to_jsonb(new) ->> 'account_id')::uuid end;
begin
    perform 1 from relink.accounts a
       join relink.audit_heads h on h.account_id = a.id and h.version = a.status_version and h.status = a.status
      where a.id = account and h.xid = pg_current_xact_id();
    if not found then
        raise exception 'account %: a flip and its audit row must be written by one transaction', account
            using errcode = '23514', constraint = 'flip_paired_with_audit';
    end if;
    return null;
end $$;

create constraint trigger flip_paired_insert after insert on relink.accounts
    deferrable initially deferred for each row execute function relink.check_pairing();
create constraint trigger flip_paired_update after update on relink.accounts
    deferrable initially deferred for each row when (old.status is distinct from new.status)
    execute function relink.check_pairing();
create constraint trigger audit_paired after insert or update on relink.audit_heads
    deferrable initially deferred for each row execute function relink.check_pairing();

create function relink.refuse() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    raise exception '% is refused on relink.%', tg_op, tg_table_name using errcode = '42501';
end $$;

-- audit_heads may be written by the audit trigger only, whoever asks.
create function relink.refuse_outside_trigger() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    if pg_trigger_depth() < 2 then
        raise exception '% is refused on relink.%', tg_op, tg_table_name using errcode = '42501';
    end if;
    return new;
end $$;

create trigger no_change before update or delete on relink.account_audit
    for each row execute function relink.refuse();
create trigger no_truncate before truncate on relink.account_audit execute function relink.refuse();
create trigger no_delete before delete on relink.accounts for each row execute function relink.refuse();
create trigger no_truncate before truncate on relink.accounts execute function relink.refuse();
create trigger only_by_audit before insert or update on relink.audit_heads
    for each row execute function relink.refuse_outside_trigger();
create trigger no_delete before delete on relink.audit_heads for each row execute function relink.refuse();
create trigger no_truncate before truncate on relink.audit_heads execute function relink.refuse();

-- ALWAYS: replica mode does not switch them off.
alter table relink.account_audit enable always trigger chain, enable always trigger no_change,
    enable always trigger no_truncate;
alter table relink.accounts enable always trigger step_status_version, enable always trigger flip_paired_insert,
    enable always trigger flip_paired_update, enable always trigger no_delete, enable always trigger no_truncate;
alter table relink.audit_heads enable always trigger audit_paired, enable always trigger only_by_audit,
    enable always trigger no_delete, enable always trigger no_truncate;

-- A partition does not inherit its parent's TRUNCATE trigger, so each gets its own here.
create function relink.ensure_audit_partitions(months_ahead integer) returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    first_day date := date_trunc('month', relink.clock() at time zone 'UTC')::date;
    made integer := 0;
    month date;
    name text;
begin
    if months_ahead not between 0 and 24 then
        raise exception 'months_ahead must be between 0 and 24, not %', months_ahead using errcode = '22023';
    end if;
    perform pg_advisory_xact_lock(hashtext('relink.ensure_audit_partitions'));
    for i in 0 .. months_ahead loop
        month := (first_day + make_interval(months => i))::date;
        name := 'account_audit_' || to_char(month, 'YYYY_MM');
        continue when to_regclass('relink.' || name) is not null;
        execute format('create table relink.%I partition of relink.account_audit for values from (%L) to (%L)',
            name, month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC');
        perform relink.guard_audit_partition(name);
        made := made + 1;
    end loop;
    return made;
end $$;

create function relink.guard_audit_partition(name text) returns void
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    execute format('create trigger no_truncate before truncate on relink.%I execute function relink.refuse()', name);
    execute format('alter table relink.%I enable always trigger no_truncate, enable always trigger no_change,
                    enable always trigger chain', name);
end $$;

-- Holds rows only if making partitions was neglected; `relink audit verify` says so.
create table relink.account_audit_default partition of relink.account_audit default;
select relink.guard_audit_partition('account_audit_default');
select relink.ensure_audit_partitions(3);

create table relink.operator_audit (
    id       uuid primary key,
    at       timestamptz not null default relink.clock(),
    actor    text not null check (actor <> ''),
    action   text not null check (action <> ''),
    reason   text not null check (reason <> ''),
    detail   jsonb not null default '{}'
);
create trigger no_change before update or delete on relink.operator_audit
    for each row execute function relink.refuse();
create trigger no_truncate before truncate on relink.operator_audit execute function relink.refuse();
alter table relink.operator_audit enable always trigger no_change, enable always trigger no_truncate;

create table relink.admin_alerts (
    id        uuid primary key,
    code      text not null check (code <> ''),
    subject   text not null,
    detail    jsonb not null default '{}',
    raised_at timestamptz not null,
    last_at   timestamptz not null,
    times     integer not null default 1,
    acked_at  timestamptz,
    acked_by  text
);
create unique index admin_alerts_open on relink.admin_alerts (code, subject) where acked_at is null;
