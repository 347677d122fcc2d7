-- One run of the status watch: a listing of all sessions, a comparison by shards, a judgement of the whole (R-WAT-3).
create table relink.watch_runs (
    slot           timestamptz primary key,
    started_at     timestamptz not null,
    listed_at      timestamptz,
    sessions       bigint not null default 0,
    -- False once an item of the list could not be named: then absence from it proves nothing.
    is_whole       boolean not null default true,
    shard_jobs     integer,
    shard_jobs_left integer,
    outcome        text check (outcome in ('applied', 'aborted', 'inconclusive')),
    note           text,
    finished_at    timestamptz
);

-- A cursor that comes twice in one run is a loop: the run is inconclusive.
create table relink.watch_cursors (
    slot   timestamptz not null references relink.watch_runs,
    cursor text not null,
    primary key (slot, cursor)
);

-- The newest sight of every session of the provider.
create table relink.sessions_seen (
    session_id text primary key,
    slot       timestamptz not null,
    seen_at    timestamptz not null,
    first_seen timestamptz not null,
    kind       text not null,
    name       text not null,
    health     text not null check (health in
               ('ok', 'connecting', 'stopped', 'error', 'permissions', 'credentials', 'unknown')),
    words      text[] not null,
    identity   text,
    handle     text,
    created_at timestamptz not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
create index sessions_seen_by_identity on relink.sessions_seen (identity) where identity is not null;
create index sessions_seen_by_handle on relink.sessions_seen (handle) where handle is not null;

-- What a run proposes, before anybody judged it.
create table relink.watch_proposals (
    slot        timestamptz not null references relink.watch_runs,
    account_id  uuid not null references relink.accounts,
    class       text not null check (class in ('loss', 'verify', 'absent', 'unknown')),
    version     bigint not null,
    from_status relink.account_status not null,
    to_status   relink.account_status,
    cause       text,
    session_id  text not null,
    observed_at timestamptz not null,
    words       text[] not null,
    applied     boolean not null default false,
    primary key (slot, account_id)
);

create table relink.cases (
    account_id      uuid not null references relink.accounts,
    id              uuid not null unique,
    session_id      text not null,
    account_version bigint not null,
    opened_at       timestamptz not null,
    evidence        jsonb not null,
    verdict         text check (verdict in ('confirmed', 'recovered', 'expired', 'withdrawn')),
    closed_at       timestamptz,
    primary key (account_id, id),
    check ((verdict is null) = (closed_at is null))
);
create unique index cases_open on relink.cases (session_id) where closed_at is null;

-- R-DEL-2: three polls are three rows with their times and answers.
create table relink.case_polls (
    case_id         uuid not null references relink.cases (id),
    number          integer not null check (number >= 1),
    started_at      timestamptz not null,
    finished_at     timestamptz not null check (finished_at >= started_at),
    answer          text not null check (answer in ('present', 'gone', 'inconclusive')),
    why             text,
    control_session text,
    control_answer  text not null check (control_answer in ('present', 'gone', 'inconclusive')),
    control_why     text,
    primary key (case_id, number)
);
create index case_polls_gone on relink.case_polls (finished_at) where answer = 'gone' and control_answer = 'present';
