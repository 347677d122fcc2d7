create type relink.job_state as enum ('waiting', 'leased', 'done', 'dead', 'discarded');

-- The truth about work. A message in the broker only names rows of this table.
create table relink.jobs (
    id           uuid primary key,
    queue        text not null,
    kind         text not null,
    version      smallint not null,
    -- What asked for it; whoever asks, however often, it is this job.
    cause        text not null unique,
    -- The nil UUID is the fleet itself.
    workspace_id uuid not null,
    account_id   uuid,
    -- The schedule whose run it belongs to, if any: a run is unfinished while one of its jobs is open (R-WAT-2).
    schedule     text,
    payload      jsonb not null,
    state        relink.job_state not null default 'waiting',
    run_at       timestamptz not null,
    created_at   timestamptz not null default relink.clock(),
    -- Claims so far, the fence; failures are those that ended badly, which is what limits count.
    attempt      smallint not null default 0,
    failures     smallint not null default 0,
    -- Claims before a person drove it again: those after it begin anew (R-Q-1, R-Q-3).
    redriven     smallint not null default 0,
    leased_until timestamptz,
    leased_by    text,
    finished_at  timestamptz,
    -- When a worker first left it because it does not know its kind or version (R-JOB-5).
    left_at      timestamptz,
    traceparent  text
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

create index jobs_waiting on relink.jobs (queue, workspace_id, run_at, id) where state = 'waiting';
create index jobs_leased on relink.jobs (leased_until) where state = 'leased';
-- What was done in the last minute, without an entry for every job (`relink queues`).
create index jobs_finished on relink.jobs using brin (finished_at) with (pages_per_range = 32) where state = 'done';
create index jobs_dead on relink.jobs (finished_at) where state = 'dead';
create index jobs_of_schedule on relink.jobs (schedule) where schedule is not null and state in ('waiting', 'leased');

-- Every failed attempt, for the history of a dead letter (R-Q-3).
create table relink.job_failures (
    job_id   uuid not null references relink.jobs,
    attempt  smallint not null,
    at       timestamptz not null,
    fault    text not null check (fault in ('transient', 'permanent', 'superseded', 'vanished', 'panicked', 'overdue')),
    error    text not null,
    retry_at timestamptz,
    worker   text not null,
    primary key (job_id, attempt, at)
);

-- R-Q-1: a pause is a row. What it means stands in relink.pauses_over (V0014).
create table relink.pauses (
    id        uuid primary key,
    scope     text not null check (scope in ('everything', 'queue', 'kind', 'workspace', 'account')),
    target    text not null default '' check ((scope = 'everything') = (target = '')),
    mode      text not null check (mode in ('hold', 'drain')),
    -- Whose it is: the system never lifts a person's.
    origin    text not null default 'system' check (origin in ('operator', 'system')),
    paused_at timestamptz not null default relink.clock(),
    paused_by text not null check (paused_by <> ''),
    why       text not null check (why <> ''),
    ends_at   timestamptz check (ends_at > paused_at),
    lifted_at timestamptz,
    lifted_by text check (lifted_by <> ''),
    -- What it held starts little by little until then.
    ramp_until timestamptz check (ramp_until > lifted_at),
    -- The transaction that wrote it: a claim that began before can tell.
    xid       xid8 not null default pg_current_xact_id(),
    -- From when on it holds nothing back any more.
    over_at   timestamptz not null generated always as
                  (case when lifted_at is null then coalesce(ends_at, 'infinity') else coalesce(ramp_until, lifted_at) end) stored,
    constraint lifted_by_somebody check ((lifted_at is null) = (lifted_by is null) and (ramp_until is null or lifted_at is not null))
);
create index pauses_not_over on relink.pauses (over_at);

create table relink.schedules (
    name         text primary key,
    every_s      bigint not null check (every_s > 0),
    last_slot    timestamptz,
    skips        integer not null default 0,
    skipped      bigint not null default 0,
    missed       bigint not null default 0
);

-- Which scheduler leads. The epoch fences: every enqueue of a tick checks it (R-WAT-2).
create table relink.scheduler_lease (
    only_row   boolean primary key default true check (only_row),
    holder     uuid,
    epoch      bigint not null default 0,
    expires_at timestamptz not null default '-infinity'
);
insert into relink.scheduler_lease default values;
