-- R-SUB-1: subscriptions that ended or will end. No row: the workspace's runs, and never ended. What follows from an end
-- is done and undone by `subscriptions.grace`; the row itself is told by the product, so no runtime role may write it.
create table relink.subscriptions (
    workspace_id uuid primary key references relink.workspaces,
    -- When it ends or ended; null once it was renewed. An end names the episode that notices are about.
    ended_at     timestamptz,
    renewed_at   timestamptz
);
create index subscriptions_ended on relink.subscriptions (ended_at) where ended_at is not null;

-- What a workspace is told about the end of its subscription: once for each day of an episode.
create table relink.workspace_notices (
    workspace_id uuid not null references relink.workspaces,
    episode      timestamptz not null,
    -- Days of 24 hours since the episode began (policy::subscriptions::NOTICE_DAYS).
    day          smallint not null check (day >= 0),
    created_at   timestamptz not null,
    primary key (workspace_id, episode, day)
);

create index accounts_by_workspace on relink.accounts (workspace_id, shard, id);
create index campaigns_by_workspace on relink.campaigns (workspace_id, shard);
-- What a renewal undoes is found by these, whatever the fleet's size.
create index account_holds_of_subscription on relink.account_holds (account_id)
    where reason = 'subscription' and ended_at is null;
create index campaign_pauses_of_subscription on relink.campaign_pauses (campaign_id)
    where reason = 'subscription' and lifted_at is null;

revoke all on relink.subscriptions, relink.workspace_notices from public;
grant select on relink.subscriptions, relink.workspace_notices to relink_worker, relink_scheduler, relink_reader;
grant insert on relink.workspace_notices to relink_worker;
