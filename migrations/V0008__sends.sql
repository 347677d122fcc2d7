-- R-CAP-1 … 8: what may be sent, what is sent, and what became of it. Caps are counted and refused by the functions of
-- V0009, which alone write relink.sends.

-- The tiers' caps, in any 24 hours and any 7 × 24 hours (R-CAP-1). `policy` has the same table; a test compares them.
create table relink.send_caps (
    tier   text not null check (tier in ('free', 'premium')),
    action text not null,
    day    integer not null check (day >= 0),
    week   integer not null check (week >= day),
    primary key (tier, action)
);
insert into relink.send_caps (tier, action, day, week) values
    ('free', 'invite', 15, 80),            ('premium', 'invite', 30, 100),
    ('free', 'message', 50, 250),          ('premium', 'message', 80, 400),
    ('free', 'inmail', 0, 0),              ('premium', 'inmail', 20, 100),
    ('free', 'profile_view', 40, 200),     ('premium', 'profile_view', 80, 400),
    ('free', 'withdraw_invite', 20, 100),  ('premium', 'withdraw_invite', 40, 200),
    ('free', 'remove_connection', 20, 100), ('premium', 'remove_connection', 20, 100),
    ('free', 'email', 40, 200),            ('premium', 'email', 40, 200);

-- An account's own caps. They only lower the tier's, unless an operator lifted them and said why.
create table relink.send_limits (
    account_id uuid not null references relink.accounts,
    action     text not null,
    day        integer check (day >= 0),
    week       integer check (week >= 0),
    lifted_by  text check (lifted_by <> ''),
    note       text not null default '',
    primary key (account_id, action),
    constraint lifted_with_a_note check (lifted_by is null or note <> '')
);

-- When an account sends: local window, weekdays (lowest bit: Monday), first ramp (R-CAP-3). No row: the defaults of
-- relink.senders_at.
create table relink.send_rules (
    account_id   uuid primary key references relink.accounts,
    zone         text not null check (zone <> ''),
    start_minute smallint not null check (start_minute between 0 and 1439),
    end_minute   smallint not null check (end_minute between 1 and 1440),
    days         smallint not null check (days between 0 and 127),
    ramp_start   integer not null check (ramp_start >= 0),
    ramp_step    integer not null check (ramp_step >= 0),
    -- Steps up with every change, so that a reservation decided on older rules is refused.
    version      integer not null default 1,
    constraint window_opens_before_it_closes check (start_minute < end_minute)
);

-- R-CAP-7: an action that the provider refused for the whole account.
create table relink.send_cooldowns (
    account_id uuid not null references relink.accounts,
    action     text not null,
    until      timestamptz not null,
    code       text not null,
    -- Refusals in a row; 0 after a success.
    streak     smallint not null,
    primary key (account_id, action)
);

-- R-CAP-4: until when an account's action need not be looked at, as the rules computed it.
create table relink.send_closed (
    account_id uuid not null references relink.accounts,
    action     text not null,
    until      timestamptz not null,
    rule       text not null,
    primary key (account_id, action)
) with (fillfactor = 70);

create table relink.sends (
    account_id      uuid not null references relink.accounts,
    id              uuid not null,
    workspace_id    uuid not null,
    campaign_id     uuid,
    enrollment_id   uuid,
    step            smallint,
    action          text not null check (action in
                    ('invite', 'message', 'inmail', 'profile_view', 'withdraw_invite', 'remove_connection', 'email')),
    target          text not null check (target <> ''),
    -- What is said; forgotten once it is settled, kept while it must be found again.
    subject         text,
    body            text,
    state           text not null default 'planned' check (state in
                    ('planned', 'reserved', 'sending', 'sent', 'refused', 'failed', 'unknown', 'cancelled')),
    -- The enrollment's place in line.
    due_at          timestamptz not null,
    planned_at      timestamptz not null,
    slot_at         timestamptz not null,
    -- When its capacity was taken; null takes none. This is what caps count.
    counted_at      timestamptz,
    sending_at      timestamptz,
    settled_at      timestamptz,
    refunded_at     timestamptz,
    -- Once unknown, its capacity is never given back.
    was_unknown     boolean not null default false,
    code            text,
    reference       text,
    chat            text,
    usage           smallint,
    -- The audit row of the intent in force (R-CAP-5).
    intent_id       bigint,
    look_at         timestamptz,
    looks           smallint not null default 0,
    absences        smallint not null default 0,
    last_absence_at timestamptz,
    primary key (account_id, id),
    constraint counts_or_gave_back check (state in ('planned', 'cancelled') or counted_at is not null or refunded_at is not null),
    constraint only_what_did_not_happen_gives_back check (refunded_at is null or (counted_at is null
        and state in ('failed', 'refused', 'cancelled') and not was_unknown)),
    constraint of_one_step check ((enrollment_id is null) = (step is null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

create index sends_counted on relink.sends (account_id, action, counted_at) where counted_at is not null;
-- A step of an enrollment is sent once: whatever failed, was refused or taken back may be tried anew, nothing else may.
create unique index sends_of_a_step on relink.sends (enrollment_id, step)
    where enrollment_id is not null and state in ('planned', 'reserved', 'sending', 'sent', 'unknown');
-- Never two calls of one account at once (R-CAP-3).
create unique index sends_under_way on relink.sends (account_id) where state = 'sending';
create index sends_open on relink.sends (account_id) where state in ('planned', 'reserved', 'sending');
create index sends_unknown on relink.sends (look_at) where state = 'unknown';
create index sends_of_campaign on relink.sends (campaign_id, settled_at) where campaign_id is not null and settled_at is not null;

-- R-CAP-5: the intent is written before the call and the outcome after it, each with the change that it is about.
create sequence relink.send_audit_ids;
create table relink.send_audit (
    id          bigint not null default nextval('relink.send_audit_ids'),
    account_id  uuid not null,
    send_id     uuid not null,
    event       text not null check (event in ('intent', 'outcome')),
    -- The intent that an outcome answers.
    intent_id   bigint check ((event = 'outcome') = (intent_id is not null)),
    recorded_at timestamptz not null default relink.clock(),
    from_state  text not null,
    to_state    text not null,
    action      text not null,
    code        text not null default '',
    note        text not null default '',
    refunded    boolean not null default false,
    actor       text not null check (actor <> ''),
    recorded_by text not null default session_user,
    job_id      uuid,
    xid         xid8 not null default pg_current_xact_id(),
    primary key (id, recorded_at)
) partition by range (recorded_at);
create index send_audit_of_send on relink.send_audit (account_id, send_id, id);

create trigger no_change before update or delete on relink.send_audit for each row execute function relink.refuse();
create trigger no_truncate before truncate on relink.send_audit execute function relink.refuse();
alter table relink.send_audit enable always trigger no_change, enable always trigger no_truncate;

-- Both records are partitioned by month and guarded alike.
create or replace function relink.guard_audit_partition(name text) returns void
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    execute format('create trigger no_truncate before truncate on relink.%I execute function relink.refuse()', name);
    execute format('alter table relink.%I enable always trigger no_truncate, enable always trigger no_change', name);
    if name like 'account_audit%' then
        execute format('alter table relink.%I enable always trigger chain', name);
    end if;
end $$;

create or replace function relink.ensure_audit_partitions(months_ahead integer) returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    first_day date := date_trunc('month', relink.clock() at time zone 'UTC')::date;
    made integer := 0;
    parent text;
    month date;
    name text;
begin
    if months_ahead not between 0 and 24 then
        raise exception 'months_ahead must be between 0 and 24, not %', months_ahead using errcode = '22023';
    end if;
    perform pg_advisory_xact_lock(hashtext('relink.ensure_audit_partitions'));
    foreach parent in array array['account_audit', 'send_audit'] loop
        for i in 0 .. months_ahead loop
            month := (first_day + make_interval(months => i))::date;
            name := parent || '_' || to_char(month, 'YYYY_MM');
            continue when to_regclass('relink.' || name) is not null;
            execute format('create table relink.%I partition of relink.%I for values from (%L) to (%L)',
                name, parent, month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC');
            perform relink.guard_audit_partition(name);
            made := made + 1;
        end loop;
    end loop;
    return made;
end $$;

create table relink.send_audit_default partition of relink.send_audit default;
select relink.guard_audit_partition('send_audit_default');
select relink.ensure_audit_partitions(3);

-- R-HEAL-4: when a connected account was lost, and the outage that its allowance recovers from.
alter table relink.accounts
    add column lost_at timestamptz,
    add column outage_from timestamptz,
    add column outage_until timestamptz;

-- R-CAP-8: a hold that is over by time, that somebody ended, and, for a protective one, that a send has proved wrong.
alter table relink.account_holds
    add column ended_at timestamptz,
    add column proved_at timestamptz;
create index account_holds_ending on relink.account_holds (ends_at) where ended_at is null;

-- What a step says. `{{name}}` and `{{first_name}}` stand for the prospect's.
alter table relink.campaign_steps
    add column subject text,
    add column body text;
alter table relink.campaign_senders add column last_planned_at timestamptz;

alter table relink.enrollments
    -- The provider's id of the prospect as this account sees it, or an address.
    add column target text,
    -- The action of its step; a trigger keeps it.
    add column action text,
    -- When its step may be sent; null while a send of it is open, and once it has ended.
    add column due_at timestamptz,
    -- Refusals in a row that nobody understands.
    add column odd_refusals smallint not null default 0,
    add column stopped_at timestamptz,
    add column stopped_why text;
update relink.enrollments e
   set target = p.handle, action = s.action, due_at = case when e.state = 'active' then e.created_at + s.wait end
  from relink.prospects p, relink.campaign_steps s
 where p.id = e.prospect_id and s.campaign_id = e.campaign_id and s.step = e.step;
alter table relink.enrollments alter column target set not null, alter column action set not null;
create index enrollments_due on relink.enrollments (account_id, campaign_id, action, due_at, id)
    where state = 'active' and due_at is not null;

create function relink.name_action() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    select s.action into strict new.action from relink.campaign_steps s
     where s.campaign_id = new.campaign_id and s.step = new.step;
    return new;
exception when no_data_found then
    raise exception 'campaign % has no step %', new.campaign_id, new.step using errcode = '23503';
end $$;
create trigger name_action before insert or update of step, campaign_id on relink.enrollments
    for each row execute function relink.name_action();
