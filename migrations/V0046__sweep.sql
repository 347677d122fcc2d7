-- A flip costs less, and says what it said: the same bytes under the same hash, the same pairing at commit, the same zones.

-- Each field after its length in bytes and a colon; `-` is null. A loop, and no query that would be read anew for each row.
create or replace function relink.framed(p_fields text[]) returns text
    language plpgsql immutable strict parallel safe
    as $$
declare
    field text;
    framed text := '';
begin
    foreach field in array p_fields loop
        framed := framed || coalesce(octet_length(field) || ':' || field, '-');
    end loop;
    return framed;
end $$;

-- The bytes that a row's hash covers. `relink audit verify` computes them by itself and does not trust this function.
create or replace function relink.audit_digest(a relink.account_audit) returns bytea
    language plpgsql immutable parallel safe
    as $$ begin
    return sha256(coalesce(a.prev_hash, '') || convert_to(case a.form when 1 then concat_ws(E'\x1f',
            a.id, a.account_id, a.version,
            (extract(epoch from a.at) * 1000000)::bigint, (extract(epoch from a.recorded_at) * 1000000)::bigint,
            coalesce(a.from_status::text, ''), a.to_status::text, a.cause, a.actor, a.recorded_by,
            coalesce(a.job_id::text, ''), a.evidence::text, a.xid::text)
        else relink.framed(array[a.form::text,
            a.id::text, a.account_id::text, a.version::text,
            (extract(epoch from a.at) * 1000000)::bigint::text, (extract(epoch from a.recorded_at) * 1000000)::bigint::text,
            a.from_status::text, a.to_status::text, a.cause, a.actor, a.recorded_by,
            a.job_id::text, a.evidence::text, a.xid::text]) end, 'UTF8'));
end $$;

-- As in V0025. The head is locked by its update alone: whoever continues the chain at the same time waits there, finds
-- another hash, and is refused.
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
     where h.account_id = new.account_id and h.version = new.version - 1 and h.status = new.from_status;
    if found then
        new.hash := relink.audit_digest(new);
        update relink.audit_heads h
           set version = new.version, status = new.to_status, hash = new.hash, xid = new.xid
         where h.account_id = new.account_id and h.version = new.version - 1 and h.hash = new.prev_hash;
    end if;
    if not found then
        raise exception 'audit row % of account % does not continue its chain', new.version, new.account_id
            using errcode = '23514', constraint = 'audit_chain';
    end if;
    return new;
end $$;

-- As in V0003, without making JSON of the row to read its id.
create or replace function relink.check_pairing() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    account uuid;
begin
    if tg_table_name = 'accounts' then
        account := new.id;
    else
        account := new.account_id;
    end if;
    perform 1 from relink.accounts a
       join relink.audit_heads h on h.account_id = a.id and h.version = a.status_version and h.status = a.status
      where a.id = account and h.xid = pg_current_xact_id();
    if not found then
        raise exception 'account %: a flip and its audit row must be written by one transaction', account
            using errcode = '23514', constraint = 'flip_paired_with_audit';
    end if;
    return null;
end $$;

-- An account without a zone of its own is not asked whether null is one, at each of its flips.
alter table relink.accounts drop constraint accounts_zone_check,
    add constraint accounts_zone_check check (zone is null or relink.is_zone(zone));

-- Since V0027 only sessions that changed are written, some in a hundred: half of each page need not wait for them, and a
-- comparison reads half as many pages. For pages that are written from now on.
alter table relink.sessions_seen set (fillfactor = 85);
