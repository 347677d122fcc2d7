-- SPEC §7, the tables: who may allow a removal, what is asked for, what was seen, and what was done. What moves them
-- stands in V0011. Every rule that a row can carry, the row carries: it then holds against the owner's own SQL too.

-- R-AUD-4: which thing an operator acted on, in which transaction, through which login.
alter table relink.operator_audit
    add column subject text not null default '',
    add column recorded_by text not null default session_user,
    add column xid xid8 not null default pg_current_xact_id();
create index operator_audit_of_transaction on relink.operator_audit (xid);

-- A person who may act. The token is `rlo_<id>_<secret>`; only the secret's SHA-256 is kept.
create table relink.operator_tokens (
    id         text primary key check (id ~ '^[0-9a-f]{12}$'),
    operator   text not null check (operator <> '' and operator = lower(btrim(operator))),
    digest     bytea not null check (length(digest) = 32),
    -- What it may do. A product's token sees one workspace and does nothing else.
    scopes     text[] not null check (scopes <@ array['read', 'operate', 'remove', 'product'] and cardinality(scopes) > 0),
    workspace_id uuid references relink.workspaces,
    created_at timestamptz not null default relink.clock(),
    ends_at    timestamptz not null check (ends_at > created_at),
    revoked_at timestamptz,
    constraint product_tokens_have_a_workspace
        check (('product' = any (scopes)) = (workspace_id is not null) and (workspace_id is null or cardinality(scopes) = 1))
);

-- When each was last used: apart, because the tokens themselves change only with an operator's audit row.
create table relink.token_uses (
    id           text primary key references relink.operator_tokens,
    last_used_at timestamptz not null
);

-- Gate 5. A flag ends by itself; a longer one than 4 hours cannot exist.
create table relink.flags (
    id         uuid primary key,
    name       text not null check (name = 'removals'),
    enabled_at timestamptz not null default relink.clock(),
    ends_at    timestamptz not null,
    enabled_by text not null check (btrim(enabled_by) <> ''),
    reason     text not null check (btrim(reason) <> ''),
    ended_at   timestamptz,
    ended_by   text,
    constraint at_most_four_hours check (ends_at > enabled_at and ends_at <= enabled_at + interval '4 hours')
);
create unique index flags_open on relink.flags (name) where ended_at is null;

-- Gate 2's latch, and the global lock: every permit is judged under this one row's lock.
create table relink.removal_latch (
    only_row   boolean primary key default true check (only_row),
    tripped_at timestamptz,
    why        text,
    -- The latest instant that the interlock has seen. A clock that went back is not believed, nor one that leapt.
    seen_at    timestamptz not null default '-infinity',
    constraint tripped_for_a_reason check ((tripped_at is null) = (why is null))
);
insert into relink.removal_latch default values;

-- R-DEL-4: two people, one session, once, within an hour.
create table relink.warrants (
    id          uuid primary key,
    session_id  text not null check (session_id <> ''),
    reason      text not null check (btrim(reason) <> ''),
    issued_at   timestamptz not null default relink.clock(),
    issued_by   text not null check (btrim(issued_by) <> ''),
    ends_at     timestamptz not null,
    approved_at timestamptz,
    approved_by text,
    revoked_at  timestamptz,
    revoked_by  text,
    constraint dies_after_an_hour check (ends_at > issued_at and ends_at <= issued_at + interval '1 hour'),
    constraint two_people check (approved_by <> issued_by),
    constraint approved_by_somebody check ((approved_at is null) = (approved_by is null)),
    constraint revoked_by_somebody check ((revoked_at is null) = (revoked_by is null))
);

-- One removal is one session, asked for once, permitted at most once, called at most once.
create table relink.removals (
    id           uuid primary key,
    session_id   text not null check (session_id <> ''),
    case_id      uuid references relink.cases (id),
    -- Single use.
    warrant_id   uuid unique references relink.warrants,
    reason       text not null check (btrim(reason) <> ''),
    requested_at timestamptz not null default relink.clock(),
    requested_by text not null check (btrim(requested_by) <> ''),
    state        text not null default 'requested' check (state in
                 ('requested', 'refused', 'withdrawn', 'permitted', 'calling', 'deleted', 'unknown', 'not_sent', 'kept')),
    permitted_at timestamptz,
    called_at    timestamptz,
    ended_at     timestamptz,
    -- What the asking process said of gate 1, and what its self-test found (gate 6).
    switch_on    boolean not null default false,
    self_test    text[] not null default '{}',
    -- What the gates were last judged on, with what they said.
    facts        jsonb not null default '{}',
    note         text not null default '',
    actor        text not null default '',
    job_id       uuid,
    constraint one_basis check ((case_id is null) <> (warrant_id is null))
);
-- A session has one removal under way, and one that reached the provider, for good.
create unique index removals_of_a_session on relink.removals (session_id)
    where state in ('requested', 'permitted', 'calling', 'unknown', 'deleted');
create index removals_requested on relink.removals (requested_at);

-- Gate 3: three looks are three rows. Nobody sets their times but a trigger.
create table relink.removal_looks (
    removal_id      uuid not null references relink.removals,
    number          integer not null check (number >= 1),
    started_at      timestamptz not null default relink.clock(),
    finished_at     timestamptz check (finished_at >= started_at),
    seen            text check (seen in ('gone', 'duplicate', 'present', 'inconclusive')),
    why             text not null default '',
    control_session text,
    control_good    boolean not null default false,
    control_why     text not null default '',
    recorded_by     text not null default session_user,
    primary key (removal_id, number),
    constraint finished_with_an_answer check ((finished_at is null) = (seen is null))
);
create index removal_looks_gone on relink.removal_looks (finished_at) where seen = 'gone' and control_good;

-- Every step of every removal, written by the trigger on relink.removals and by nothing else. Gate 4 counts its intents.
create sequence relink.removal_audit_ids;
create table relink.removal_audit (
    id          bigint primary key default nextval('relink.removal_audit_ids'),
    at          timestamptz not null default relink.clock(),
    removal_id  uuid not null references relink.removals,
    session_id  text not null,
    event       text not null check (event in ('request', 'refusal', 'withdrawal', 'intent', 'call', 'outcome')),
    from_state  text,
    to_state    text not null,
    facts       jsonb not null,
    note        text not null,
    actor       text not null,
    job_id      uuid,
    recorded_by text not null default session_user,
    xid         xid8 not null default pg_current_xact_id()
);
create index removal_audit_intents on relink.removal_audit (at) where event = 'intent';
create index removal_audit_of_removal on relink.removal_audit (removal_id, id);

create trigger no_change before update or delete on relink.removal_audit
    for each row execute function relink.refuse();
create trigger no_truncate before truncate on relink.removal_audit execute function relink.refuse();
alter table relink.removal_audit enable always trigger no_change, enable always trigger no_truncate;

-- A row that an operator's command writes needs the operator's audit row in the same transaction, whoever writes it.
-- All but handing out tokens, which is the owner's, is done through an operator's login.
create function relink.demand_operator_audit() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    perform 1 from relink.operator_audit o
      where o.xid = pg_current_xact_id() and o.action like tg_argv[0]
        and (o.subject = coalesce(to_jsonb(new) ->> 'id', '')
             or tg_table_name = 'operator_tokens' and o.subject = to_jsonb(new) ->> 'operator');
    if not found then
        raise exception 'relink.%: an operator''s act and its audit row must be written by one transaction', tg_table_name
            using errcode = '23514', constraint = 'paired_with_operator_audit';
    end if;
    perform 1 from pg_roles g
      where g.rolname = session_user and tg_argv[0] <> 'operator.%' and (g.rolsuper
            or pg_has_role(g.oid, 'relink_owner', 'member') or not pg_has_role(g.oid, 'relink_operator', 'member'));
    if found then
        raise exception 'relink.%: % is no operator''s login', tg_table_name, session_user
            using errcode = '42501', constraint = 'paired_with_operator_audit';
    end if;
    return null;
end $$;
create constraint trigger paired after insert or update on relink.operator_tokens deferrable initially deferred
    for each row execute function relink.demand_operator_audit('operator.%');
create constraint trigger paired after insert or update on relink.flags deferrable initially deferred
    for each row execute function relink.demand_operator_audit('flag.%');
create constraint trigger paired after insert or update on relink.warrants deferrable initially deferred
    for each row execute function relink.demand_operator_audit('warrant.%');
create constraint trigger paired after insert on relink.removals deferrable initially deferred
    for each row execute function relink.demand_operator_audit('removal.%');
create constraint trigger paired after update on relink.removal_latch deferrable initially deferred
    for each row when (old.tripped_at is not null and new.tripped_at is distinct from old.tripped_at)
    execute function relink.demand_operator_audit('latch.%');

-- The database says when, and what an operator wrote is not rewritten.
create function relink.guard_token() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    if tg_op = 'DELETE' or old.revoked_at is not null or new.revoked_at is null
       or (new.id, new.operator, new.digest, new.scopes, new.workspace_id, new.created_at, new.ends_at)
          is distinct from (old.id, old.operator, old.digest, old.scopes, old.workspace_id, old.created_at, old.ends_at) then
        raise exception 'token % can be revoked, and nothing else', old.id using errcode = '42501';
    end if;
    new.revoked_at := relink.clock();
    return new;
end $$;

create function relink.guard_flag() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    if tg_op = 'DELETE' then
        raise exception 'flag % stays: it is a record', old.id using errcode = '42501';
    elsif tg_op = 'INSERT' then
        new.ends_at := relink.clock() + (new.ends_at - new.enabled_at);
        new.enabled_at := relink.clock();
        new.ended_at := null;
    elsif (new.id, new.name, new.enabled_at, new.ends_at, new.enabled_by, new.reason)
          is distinct from (old.id, old.name, old.enabled_at, old.ends_at, old.enabled_by, old.reason)
          or old.ended_at is not null then
        raise exception 'flag % can be ended, and nothing else', old.id using errcode = '42501';
    else
        new.ended_at := relink.clock();
    end if;
    return new;
end $$;

create function relink.guard_warrant() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    if tg_op = 'DELETE' then
        raise exception 'warrant % stays: it is a record', old.id using errcode = '42501';
    elsif tg_op = 'INSERT' then
        new.issued_at := relink.clock();
        new.ends_at := least(new.ends_at, new.issued_at + interval '1 hour');
        new.approved_at := null;
        new.approved_by := null;
        new.revoked_at := null;
        new.revoked_by := null;
    elsif (new.id, new.session_id, new.reason, new.issued_at, new.issued_by, new.ends_at)
          is distinct from (old.id, old.session_id, old.reason, old.issued_at, old.issued_by, old.ends_at)
          or (old.approved_at is not null and new.approved_by is distinct from old.approved_by)
          or old.revoked_at is not null then
        raise exception 'warrant % can be approved once and revoked once, and nothing else', old.id using errcode = '42501';
    else
        new.approved_at := case when new.approved_by is not null then coalesce(old.approved_at, relink.clock()) end;
        new.revoked_at := case when new.revoked_by is not null then relink.clock() end;
    end if;
    return new;
end $$;

create function relink.guard_latch() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    if tg_op = 'DELETE' then
        raise exception 'the latch stays' using errcode = '42501';
    end if;
    return new;
end $$;

-- How far the clock may go on unseen; the fleet looks at it every ten minutes (guards.watch). Machine time.
create function relink.clock_leap_max() returns interval
    language sql stable parallel safe
    as $$ select make_interval(secs => 3600 * relink.clock_rate()) $$;

-- Notes the latest instant. A leap is not noted: it stays to be seen, and refuses, until a person clears the latch.
create function relink.see_removal_clock(p_instant timestamptz) returns void
    language sql volatile security definer set search_path = pg_catalog, pg_temp
    as $$ update relink.removal_latch set seen_at = p_instant
           where seen_at < p_instant and (seen_at = '-infinity' or p_instant <= seen_at + relink.clock_leap_max()) $$;

create function relink.stamp_look() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    instant timestamptz := relink.clock();
begin
    if tg_op = 'DELETE' then
        raise exception 'look % of removal % stays: it is a record', old.number, old.removal_id using errcode = '42501';
    elsif tg_op = 'INSERT' then
        if new.finished_at is not null or new.seen is not null then
            raise exception 'look % of removal % cannot have ended before it began', new.number, new.removal_id
                using errcode = '23514';
        end if;
        new.started_at := instant;
        new.recorded_by := session_user;
    elsif old.finished_at is not null or new.seen is null
          or (new.removal_id, new.number, new.started_at, new.control_session, new.recorded_by)
             is distinct from (old.removal_id, old.number, old.started_at, old.control_session, old.recorded_by)
          or session_user <> old.recorded_by then
        raise exception 'look % of removal % can be ended once, by who began it, and nothing else', old.number, old.removal_id
            using errcode = '42501';
    else
        new.finished_at := instant;
    end if;
    perform relink.see_removal_clock(instant);
    return new;
end $$;

create trigger guard before update or delete on relink.operator_tokens
    for each row execute function relink.guard_token();
create trigger guard before insert or update or delete on relink.flags
    for each row execute function relink.guard_flag();
create trigger guard before insert or update or delete on relink.warrants
    for each row execute function relink.guard_warrant();
create trigger guard before delete on relink.removal_latch
    for each row execute function relink.guard_latch();
create trigger guard before insert or update or delete on relink.removal_looks
    for each row execute function relink.stamp_look();
-- Gate 2 counts what the polls of cases saw, by the sessions of the cases.
create function relink.guard_case() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    if tg_op = 'DELETE' or old.verdict is not null
       or (new.account_id, new.id, new.session_id, new.account_version, new.opened_at, new.evidence)
          is distinct from (old.account_id, old.id, old.session_id, old.account_version, old.opened_at, old.evidence) then
        raise exception 'case % can be closed, and nothing else', old.id using errcode = '42501';
    end if;
    return new;
end $$;
create trigger guard before update or delete on relink.cases for each row execute function relink.guard_case();
create trigger no_truncate before truncate on relink.cases execute function relink.refuse();
create trigger no_change before update or delete on relink.case_polls for each row execute function relink.refuse();
create trigger no_truncate before truncate on relink.case_polls execute function relink.refuse();
create trigger no_truncate before truncate on relink.operator_tokens execute function relink.refuse();
create trigger no_truncate before truncate on relink.flags execute function relink.refuse();
create trigger no_truncate before truncate on relink.warrants execute function relink.refuse();
create trigger no_truncate before truncate on relink.removals execute function relink.refuse();
create trigger no_truncate before truncate on relink.removal_latch execute function relink.refuse();
create trigger no_truncate before truncate on relink.removal_looks execute function relink.refuse();
alter table relink.cases enable always trigger guard, enable always trigger no_truncate;
alter table relink.case_polls enable always trigger no_change, enable always trigger no_truncate;
alter table relink.operator_tokens enable always trigger guard, enable always trigger paired, enable always trigger no_truncate;
alter table relink.flags enable always trigger guard, enable always trigger paired, enable always trigger no_truncate;
alter table relink.warrants enable always trigger guard, enable always trigger paired, enable always trigger no_truncate;
alter table relink.removals enable always trigger paired, enable always trigger no_truncate;
alter table relink.removal_latch enable always trigger guard, enable always trigger paired, enable always trigger no_truncate;
alter table relink.removal_looks enable always trigger guard, enable always trigger no_truncate;
