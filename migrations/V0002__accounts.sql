create type relink.account_status as enum
    ('connecting', 'connected', 'reconnect_needed', 'action_required', 'recovering', 'missing', 'disconnected');

create table relink.accounts (
    id                 uuid primary key,
    workspace_id       uuid not null references relink.workspaces,
    shard              smallint not null generated always as (relink.shard_of(id)) stored,
    kind               text not null,
    tier               text not null default 'free' check (tier in ('free', 'premium')),
    name               text not null,
    -- Declared by the owner: public profile identifier or mailbox address, lower case (R-ORP-2).
    handle             text check (handle = lower(handle)),
    status             relink.account_status not null,
    -- Owned by a trigger: one step up for every change of status.
    status_version     bigint not null default 1,
    status_since       timestamptz not null,
    -- R-LNK-5: a session is linked to one account only.
    session_id         text unique,
    identity           text,
    checkpoint         text,
    first_connected_at timestamptz,
    verified_at        timestamptz,
    last_activity_at   timestamptz,
    created_at         timestamptz not null,
    constraint connected_has_a_session check (status <> 'connected' or (session_id is not null and verified_at is not null))
) with (fillfactor = 80);

create index accounts_by_shard on relink.accounts (shard, id);
create index accounts_by_identity on relink.accounts (identity) where identity is not null;
create index accounts_connecting on relink.accounts (shard, status_since) where status = 'connecting';

create table relink.account_holds (
    account_id uuid not null references relink.accounts,
    reason     text not null check (reason in ('restricted', 'protective', 'subscription', 'operator')),
    since      timestamptz not null,
    ends_at    timestamptz,
    note       text not null default '',
    primary key (account_id, reason)
);

-- One try of an owner to link an account. session_id is set by the attempt's own callback or 202 answer only.
create table relink.link_attempts (
    account_id uuid not null references relink.accounts,
    id         uuid not null,
    started_at timestamptz not null,
    ends_at    timestamptz not null check (ends_at > started_at),
    session_id text,
    closed_at  timestamptz,
    primary key (account_id, id)
);

create table relink.notices (
    account_id uuid not null references relink.accounts,
    -- The status_version that the notice is about: never repeated for the same episode (R-LNK-7).
    episode    bigint not null,
    reason     text not null,
    created_at timestamptz not null,
    primary key (account_id, episode, reason)
);
