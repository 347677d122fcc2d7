-- What the provider tells of itself: callbacks of hosted links, and its webhooks (R-LNK-2). A row is written before the
-- answer, a worker acts on it later. Bodies are rebuilt from the few fields that we know: what is not on the list never gets
-- here (R-LNK-11).

create table relink.provider_events (
    id           uuid primary key,
    received_at  timestamptz not null,
    kind         text not null check (kind in ('callback', 'account_status', 'users', 'messaging')),
    -- The provider's own word: a callback's status, an account_status' message, the event of the others.
    message      text not null check (message <> ''),
    -- The provider's name of the session; null where it named none.
    session_id   text check (session_id <> ''),
    -- The attempt whose signed name a callback bears; null of webhooks.
    attempt_id   uuid,
    -- Whose the attempt is, or the session was when the event came; null of a session that was nobody's.
    account_id   uuid references relink.accounts,
    -- `stored`: acted on, or kept for who will. `late`: a name past its end binds nothing and is worth one look. `replayed`: a
    -- used name with another session. `unlinked`: of a session that was nobody's.
    verdict      text not null check (verdict in ('stored', 'late', 'replayed', 'unlinked')),
    body         jsonb not null,
    digest       bytea not null,
    -- The job that acts on it; none where nothing is to be done.
    job_id       uuid,
    constraint callbacks_name_an_attempt check ((kind = 'callback') = (attempt_id is not null)),
    constraint linked_to_somebody check ((verdict = 'unlinked') = (account_id is null))
) with (fillfactor = 100);

-- The same callback is one callback, however often it comes.
create unique index provider_events_callback
    on relink.provider_events (attempt_id, message, coalesce(session_id, '')) where kind = 'callback';
create index provider_events_of_session on relink.provider_events (session_id, received_at) where session_id is not null;
create index provider_events_of_account on relink.provider_events (account_id, received_at) where account_id is not null;
create index provider_events_by_age on relink.provider_events (received_at);
-- A signed name says its attempt alone.
create unique index link_attempts_by_id on relink.link_attempts (id);

-- The job that acts on an event, in the event's own transaction. No login of the API can ask for any other.
create function relink.enqueue_answer(p_event uuid, p_job uuid, p_version smallint, p_workspace uuid, p_account uuid,
                                      p_at timestamptz, p_traceparent text) returns void
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
insert into relink.jobs (id, queue, kind, version, cause, workspace_id, account_id, payload, run_at, traceparent)
values (p_job, 'watches', 'links.answer', p_version, 'links.answer@' || p_event, p_workspace, p_account,
        jsonb_build_object('event', p_event), p_at, p_traceparent)
$$;

-- Takes old events away, some at a time; how many.
create function relink.forget_provider_events(p_before timestamptz, p_limit integer) returns bigint
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
with old as (
    select e.id from relink.provider_events e where e.received_at < p_before
     order by e.received_at limit p_limit for update skip locked
), forgotten as (
    delete from relink.provider_events e using old where e.id = old.id returning e.id
)
select count(*) from forgotten
$$;

-- Keeps a callback whose signed name has been proved, and says what it is: `stored`, `again` (the same one came before),
-- `late`, `replayed` or `unknown`; and whose it is. Nothing is kept twice.
create function relink.take_callback(p_event uuid, p_attempt uuid, p_message text, p_session text, p_body jsonb, p_job uuid,
                                     p_version smallint, p_traceparent text)
    returns table (verdict text, workspace_id uuid, job_id uuid)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
#variable_conflict use_column
declare
    instant timestamptz := relink.clock();
    attempt record;
    earlier record;
    used text;
    said text;
begin
    -- Callbacks of one attempt come one after the other: which session its name was used with first is decided here.
    perform pg_advisory_xact_lock(hashtextextended(p_attempt::text, 8054));
    select l.account_id, l.ends_at, a.workspace_id into attempt
      from relink.link_attempts l join relink.accounts a on a.id = l.account_id where l.id = p_attempt;
    if not found then
        return query select 'unknown', null::uuid, null::uuid;
        return;
    end if;
    select e.verdict, e.job_id into earlier from relink.provider_events e
     where e.kind = 'callback' and e.attempt_id = p_attempt and e.message = p_message
       and coalesce(e.session_id, '') = coalesce(p_session, '');
    if found then
        return query select case earlier.verdict when 'stored' then 'again' else earlier.verdict end,
                            attempt.workspace_id, null::uuid;
        return;
    end if;
    select e.session_id into used from relink.provider_events e
     where e.kind = 'callback' and e.attempt_id = p_attempt and e.session_id is not null and e.verdict <> 'replayed'
     order by e.received_at limit 1;
    said := case when used <> p_session then 'replayed' when attempt.ends_at <= instant then 'late' else 'stored' end;
    insert into relink.provider_events (id, received_at, kind, message, session_id, attempt_id, account_id, verdict, body,
                                        digest, job_id)
    values (p_event, instant, 'callback', p_message, p_session, p_attempt, attempt.account_id, said, p_body,
            sha256(convert_to(p_body::text, 'UTF8')), case when said <> 'replayed' then p_job end);
    if said = 'replayed' then
        perform relink.raise_alert('callback_replayed', attempt.account_id::text, jsonb_build_object(
            'attempt', p_attempt, 'used_with', used, 'came_with', p_session, 'event', p_event), instant);
        return query select said, attempt.workspace_id, null::uuid;
        return;
    end if;
    perform relink.enqueue_answer(p_event, p_job, p_version, attempt.workspace_id, attempt.account_id, instant, p_traceparent);
    perform relink.forget_provider_events(instant - interval '7 days', 4);
    return query select said, attempt.workspace_id, p_job;
end $$;

-- Keeps an event of a webhook that bore the secret: `stored`, `again` (its twin came less than ten minutes ago, and the
-- session was in no other state in between) or `unlinked`. Of a state a worker looks at the session.
create function relink.take_webhook(p_event uuid, p_source text, p_message text, p_session text, p_body jsonb, p_job uuid,
                                    p_version smallint, p_traceparent text)
    returns table (verdict text, workspace_id uuid, job_id uuid)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
#variable_conflict use_column
declare
    instant timestamptz := relink.clock();
    content bytea := sha256(convert_to(p_body::text, 'UTF8'));
    owner record;
    job uuid;
begin
    -- Events of one session come one after the other, so that of twins one is the first.
    perform pg_advisory_xact_lock(hashtextextended(p_session, 8055));
    perform from relink.provider_events e
      where e.session_id = p_session and e.kind = p_source and e.digest = content
        and e.received_at > instant - interval '10 minutes'
        and not exists (select from relink.provider_events o
                         where p_source = 'account_status' and o.session_id = p_session and o.kind = p_source
                           and o.digest <> content and o.received_at > e.received_at);
    if found then
        return query select 'again', null::uuid, null::uuid;
        return;
    end if;
    select w.account_id, w.workspace_id into owner
      from (select a.id as account_id, a.workspace_id from relink.accounts a where a.session_id = p_session
            union all
            (select a.id, a.workspace_id from relink.link_attempts l join relink.accounts a on a.id = l.account_id
              where l.session_id = p_session and l.closed_at is null order by l.started_at desc limit 1)) w
     limit 1;
    job := case when owner.account_id is not null and p_source = 'account_status' then p_job end;
    insert into relink.provider_events (id, received_at, kind, message, session_id, account_id, verdict, body, digest, job_id)
    values (p_event, instant, p_source, p_message, p_session, owner.account_id,
            case when owner.account_id is null then 'unlinked' else 'stored' end, p_body, content, job);
    if job is not null then
        perform relink.enqueue_answer(p_event, job, p_version, owner.workspace_id, owner.account_id, instant, p_traceparent);
    end if;
    perform relink.forget_provider_events(instant - interval '7 days', 4);
    return query select case when owner.account_id is null then 'unlinked' else 'stored' end, owner.workspace_id, job;
end $$;

-- What came and is the sign of something wrong at the provider or on the way, once enough of it came: one open row.
create function relink.note_events(p_code text, p_subject text, p_detail jsonb) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    if p_code <> all (array['webhooks_refused', 'webhooks_unlinked']) then
        raise exception 'code: % is no alert of the links listener', p_code using errcode = '22023';
    end if;
    perform relink.raise_alert(p_code, left(p_subject, 200), p_detail, relink.clock());
end $$;

-- R-AUD-4: webhooks are registered with the provider by an operator, after this.
create function relink.note_webhooks(p_token text, p_audit uuid, p_sources text[], p_reason text) returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    perform relink.note_operation(p_audit, relink.operator_of(p_token, 'operate'), 'webhooks.register',
                                  array_to_string(p_sources, ','), p_reason, jsonb_build_object('sources', p_sources));
    return cardinality(p_sources);
end $$;

revoke all on relink.provider_events from public;
revoke all on all functions in schema relink from public;
grant select on relink.provider_events to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant execute on function relink.take_callback(uuid, uuid, text, text, jsonb, uuid, smallint, text),
    relink.take_webhook(uuid, text, text, text, jsonb, uuid, smallint, text),
    relink.note_events(text, text, jsonb), relink.note_webhooks(text, uuid, text[], text) to relink_operator;
