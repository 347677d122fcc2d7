-- What campaigns, people and steps have beside what a send needs: lives, conditions of steps, answers, and who is never written to.

alter table relink.campaigns
    -- R-API-2: steps up with every change of what its product says of it.
    add column settings_version integer not null default 1,
    -- R-CAM-5: whether people may be enrolled here who are in another campaign of the workspace: `allow`, or `skip` them.
    add column elsewhere  text not null default 'allow' check (elsewhere in ('skip', 'allow')),
    -- R-CAM-4: whether a reply stops the person's enrollment.
    add column on_reply   text not null default 'stop' check (on_reply in ('stop', 'ignore')),
    -- A campaign is a draft until it is started, and what has ended does not begin again. What a build of before makes runs.
    add column started_at timestamptz,
    add column ended_at   timestamptz;
-- Campaigns of before run as they ran; new ones keep people apart unless they say otherwise.
alter table relink.campaigns alter column elsewhere set default 'skip';
update relink.campaigns set started_at = created_at;

-- R-CAM-3: what a step waits for, null for nothing but its time: that the person `accepted` (is a connection of the sender), that
-- they have `not_accepted` once the wait is over, or that they `replied`.
alter table relink.campaign_steps
    add column condition text check (condition in ('accepted', 'not_accepted', 'replied'));

alter table relink.enrollments
    -- When the person was first seen to be a connection of the sender; null: not seen yet.
    add column accepted_at timestamptz,
    -- When the person first wrote to the sender after the first send; null: never. Automatic replies do not count.
    add column replied_at  timestamptz;

-- R-CAM-5: who is never written to, of a workspace. An entry never ends by itself; who takes one away says why.
create table relink.blocklist (
    workspace_id uuid not null references relink.workspaces,
    kind         text not null check (kind in ('handle', 'address', 'domain', 'digest')),
    -- In canonical form: a profile's public identifier (`relink.canonical_handle`), an address, a domain without `@`; of an erased
    -- person the digest of one of these (`relink.person_digest`).
    value        text not null check (value ~ '[^[:space:]]'),
    -- `product`, `operator`, `unsubscribed` by the person, `erased` for a person whose data was removed.
    source       text not null check (source in ('product', 'operator', 'unsubscribed', 'erased')),
    added_at     timestamptz not null,
    added_by     text not null,
    primary key (workspace_id, kind, value)
);
grant select on relink.blocklist to relink_worker, relink_scheduler, relink_reader, relink_operator;
