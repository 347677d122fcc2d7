create table relink.campaigns (
    id             uuid primary key,
    workspace_id   uuid not null references relink.workspaces,
    shard          smallint not null generated always as (relink.shard_of(id)) stored,
    name           text not null,
    active         boolean not null default true,
    on_sender_loss text not null default 'pause_campaign'
                   check (on_sender_loss in ('pause_campaign', 'continue_with_remaining')),
    -- Failures before this instant do not count towards the failure rate (R-HEAL-2).
    failures_from  timestamptz not null,
    created_at     timestamptz not null
);
create index campaigns_by_shard on relink.campaigns (shard, id);

-- R-CAM-1: a campaign runs when it is active and has no row here that is not lifted.
create table relink.campaign_pauses (
    id          uuid primary key,
    campaign_id uuid not null references relink.campaigns,
    reason      text not null check (reason in
                ('account_disconnected', 'manual', 'stuck_loop', 'subscription', 'failure_rate', 'operator')),
    -- Steps up each time the reason is asserted again, so that a lift decided on older facts is refused.
    version     integer not null default 1,
    paused_at   timestamptz not null,
    paused_by   text not null,
    note        text not null default '',
    lifted_at   timestamptz,
    lifted_by   text
) with (fillfactor = 80);
create unique index campaign_pauses_open on relink.campaign_pauses (campaign_id, reason) where lifted_at is null;
create index campaign_pauses_lifted on relink.campaign_pauses (campaign_id, lifted_at) where lifted_at is not null;

create table relink.campaign_senders (
    campaign_id uuid not null references relink.campaigns,
    account_id  uuid not null references relink.accounts,
    in_rotation boolean not null default true,
    primary key (campaign_id, account_id)
);
create index campaign_senders_by_account on relink.campaign_senders (account_id);

create table relink.campaign_steps (
    campaign_id uuid not null references relink.campaigns,
    step        smallint not null check (step >= 1),
    action      text not null check (action in
                ('invite', 'message', 'inmail', 'profile_view', 'withdraw_invite', 'remove_connection', 'email')),
    wait        interval not null default '0',
    primary key (campaign_id, step)
);

create table relink.prospects (
    id           uuid primary key,
    workspace_id uuid not null references relink.workspaces,
    name         text not null,
    handle       text not null
);

create table relink.enrollments (
    id          uuid primary key,
    campaign_id uuid not null references relink.campaigns,
    prospect_id uuid not null references relink.prospects,
    account_id  uuid not null references relink.accounts,
    step        smallint not null default 1,
    state       text not null default 'active' check (state in ('active', 'done', 'stopped')),
    created_at  timestamptz not null
);
create index enrollments_by_campaign on relink.enrollments (campaign_id);
