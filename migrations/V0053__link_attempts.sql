-- R-LNK-1: attempts as their machine says, and links that are minted once. What a mint may write is written by functions: the
-- logins that ask the provider for a link write no table, and flip nobody but to `connecting`.

-- Old rows: at most one attempt of an account is open from now on.
update relink.link_attempts l
   set closed_at = relink.clock(), outcome = 'superseded'
 where l.closed_at is null
   and exists (select from relink.link_attempts n
                where n.account_id = l.account_id and n.closed_at is null and (n.started_at, n.id) > (l.started_at, l.id));

alter table relink.link_attempts
    -- policy::account::AttemptPhase; of a closed attempt its outcome.
    add column state text not null default 'open'
        check (state in ('minting', 'open', 'answered', 'verifying', 'lapsed', 'linked', 'refused', 'failed', 'expired',
                         'superseded', 'repaired', 'cancelled', 'mint_failed')),
    -- Number of its newest mint: what an older one brings is not taken.
    add column mint_no integer not null default 0,
    -- Until then nobody else mints it; null once it is minted.
    add column mint_lease_ends_at timestamptz,
    add column minted_at timestamptz,
    -- Hosted page, sealed with the fleet's key for this attempt alone; gone with the page.
    add column url_sealed bytea,
    -- When its page was used.
    add column answered_at timestamptz,
    -- Whoever asked for it: a token's id, an operator, `owner via notice`.
    add column asked_by text check (asked_by <> ''),
    -- When whoever had its link said that it does not work.
    add column said_dead_at timestamptz,
    add column superseded_by uuid,
    -- Why no link was made: a word, or the provider's type.
    add column failure text;
update relink.link_attempts set state = coalesce(outcome, 'expired') where closed_at is not null;

alter table relink.link_attempts
    drop constraint link_attempts_outcome_check,
    add constraint link_attempts_outcome_check
        check (outcome in ('linked', 'repaired', 'refused', 'failed', 'superseded', 'expired', 'cancelled', 'mint_failed')),
    add constraint state_of_a_closed_attempt
        check ((closed_at is not null) = (state in ('linked', 'refused', 'failed', 'expired', 'superseded', 'repaired',
                                                    'cancelled', 'mint_failed')));

-- One open attempt an account, whoever begins it.
create unique index link_attempts_of_account on relink.link_attempts (account_id) where closed_at is null;
drop index relink.link_attempts_open;
create index link_attempts_newest on relink.link_attempts (account_id, started_at desc, id desc);
create index link_attempts_lapsing on relink.link_attempts (link_ends_at) where state in ('minting', 'open');
create index link_attempts_dead on relink.link_attempts (account_id, said_dead_at desc) where said_dead_at is not null;

-- Keeps an attempt's state in step with its end, also where a build of before ends it, and wipes the URL of a page that is over.
create function relink.keep_attempt() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    if new.closed_at is not null and (tg_op = 'INSERT' or old.closed_at is null) then
        new.state := coalesce(new.outcome, 'expired');
        new.mint_lease_ends_at := null;
    end if;
    if new.state <> 'open' then
        new.url_sealed := null;
    end if;
    return new;
end $$;
create trigger keep_attempt before insert or update on relink.link_attempts
    for each row execute function relink.keep_attempt();
alter table relink.link_attempts enable always trigger keep_attempt;

-- Locks an account before its link is decided on; the instant after that, null where there is no such account.
create function relink.lock_for_link(p_account uuid) returns timestamptz
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    perform a.id from relink.accounts a where a.id = p_account for no key update;
    return case when found then relink.clock() end;
end $$;

-- Begins an attempt, and ends the one whose place it takes. Its account is locked.
create function relink.begin_attempt(p_account uuid, p_attempt uuid, p_supersedes uuid, p_is_dead boolean, p_purpose text,
                                     p_by text, p_at timestamptz, p_link_ends_at timestamptz, p_ends_at timestamptz,
                                     p_lease_ends_at timestamptz)
    returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    update relink.link_attempts l
       set closed_at = p_at, outcome = 'superseded', superseded_by = p_attempt,
           said_dead_at = case when p_is_dead then p_at end
     where l.account_id = p_account and l.id = p_supersedes and l.closed_at is null;
    insert into relink.link_attempts (account_id, id, purpose, started_at, link_ends_at, ends_at, state, mint_no, mint_lease_ends_at,
                                      asked_by)
    select p_account, p_attempt, p_purpose,
           -- The newest is the one that was begun last, whatever the clock did since.
           greatest(p_at, max(l.started_at) + interval '1 microsecond'),
           p_link_ends_at, p_ends_at, 'minting', 1, p_lease_ends_at, p_by
      from relink.link_attempts l where l.account_id = p_account;
end $$;

-- Gives a mint time of its own: to another caller, once the time of the one before has ended, or to the same one, which asks for
-- another page. False: somebody else has it, or it is over.
create function relink.renew_mint(p_account uuid, p_attempt uuid, p_had_no integer, p_mint_no integer, p_purpose text,
                                  p_by text, p_link_ends_at timestamptz, p_lease_ends_at timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    update relink.link_attempts l
       set mint_no = p_mint_no, purpose = p_purpose, asked_by = p_by, link_ends_at = p_link_ends_at,
           mint_lease_ends_at = p_lease_ends_at
     where l.account_id = p_account and l.id = p_attempt and l.state = 'minting' and l.mint_no = p_had_no;
    return found;
end $$;

-- Hands a minted link out: the attempt waits for its owner, and the account is `connecting`, with its audit row, where p_from says
-- what it was. Its account is locked. False: another mint has the attempt, or it is over.
create function relink.open_attempt(p_account uuid, p_attempt uuid, p_mint_no integer, p_sealed bytea, p_at timestamptz,
                                    p_from text, p_version bigint)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    opened relink.link_attempts;
    a relink.accounts;
begin
    update relink.link_attempts l
       set state = 'open', url_sealed = p_sealed, minted_at = p_at, mint_lease_ends_at = null
     where l.account_id = p_account and l.id = p_attempt and l.state = 'minting' and l.mint_no = p_mint_no
    returning * into opened;
    if not found then
        return false;
    end if;
    if p_from is not null then
        -- Allowed by policy::account::TRANSITIONS; from `disconnected` by a restore alone.
        update relink.accounts o
           set status = 'connecting', status_since = p_at, checkpoint = null
         where o.id = p_account and o.status_version = p_version and o.status::text = p_from
           and (p_from in ('reconnect_needed', 'action_required', 'recovering', 'missing')
                or p_from = 'disconnected' and opened.purpose = 'restore')
        returning * into a;
        if not found then
            raise exception 'account % is not % at version % any more', p_account, p_from, p_version using errcode = '55000';
        end if;
        insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor, evidence)
        values (p_account, a.status_version, p_at, p_from::relink.account_status, 'connecting', 'link_started',
                coalesce(opened.asked_by, 'link'),
                jsonb_build_object('source', 'link', 'attempt', p_attempt, 'purpose', opened.purpose, 'observed_at', p_at,
                                   'person', relink.person_digest(a.identity)));
    end if;
    perform pg_notify('relink_links', p_account::text);
    return true;
end $$;

-- Asks for looks at an attempt that waits, in case nobody tells of its end, and for nothing else.
create function relink.look_after_link(p_account uuid, p_attempt uuid, p_ids uuid[], p_version smallint, p_causes text[],
                                       p_payloads jsonb[], p_run_ats timestamptz[], p_traceparents text[])
    returns table (id uuid)
    language sql security definer set search_path = pg_catalog, pg_temp
    as $$
insert into relink.jobs (id, queue, kind, version, cause, workspace_id, account_id, payload, run_at, traceparent)
select j.id, 'watches', 'links.look', p_version, j.cause, a.workspace_id, a.id, j.payload, j.run_at, j.traceparent
  from relink.link_attempts l
  join relink.accounts a on a.id = l.account_id
 cross join unnest(p_ids, p_causes, p_payloads, p_run_ats, p_traceparents) as j(id, cause, payload, run_at, traceparent)
 where l.account_id = p_account and l.id = p_attempt and l.state = 'open'
    on conflict (cause) do nothing
returning jobs.id
$$;

-- Ends an attempt that is being minted and gets no page, with what was wrong. Whose key the provider refuses, hears of it once.
-- False: another mint has the attempt, or it is over.
create function relink.end_mint(p_account uuid, p_attempt uuid, p_mint_no integer, p_outcome text, p_failure text,
                                p_at timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    update relink.link_attempts l
       set closed_at = p_at, outcome = p_outcome, failure = p_failure
     where l.account_id = p_account and l.id = p_attempt and l.state = 'minting' and l.mint_no = p_mint_no
       and p_outcome in ('mint_failed', 'repaired', 'cancelled');
    if not found then
        return false;
    end if;
    if p_failure = 'our_key' then
        perform relink.raise_alert('provider_key', 'links', jsonb_build_object('attempt', p_attempt), p_at);
    end if;
    perform pg_notify('relink_links', p_account::text);
    return true;
end $$;

-- Takes an open attempt back, for a product or an operator: a late callback of it binds nothing. False: it was over already.
create function relink.cancel_attempt(p_token text, p_audit uuid, p_account uuid, p_attempt uuid, p_reason text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    bearer record;
    instant timestamptz;
begin
    select * into strict bearer from relink.use_token(p_token);
    if not bearer.scopes && array['operate', 'product'] then
        raise exception 'operator token: % may not do this: it needs the scope operate or product', bearer.operator
            using errcode = '42501';
    end if;
    perform a.id from relink.accounts a
      where a.id = p_account and ('operate' = any (bearer.scopes) or a.workspace_id = bearer.workspace_id) for no key update;
    if not found or not exists (select from relink.link_attempts l where l.account_id = p_account and l.id = p_attempt) then
        raise exception 'there is no attempt %', p_attempt using errcode = 'P0002';
    end if;
    instant := relink.clock();
    update relink.link_attempts l set closed_at = instant, outcome = 'cancelled'
     where l.account_id = p_account and l.id = p_attempt and l.closed_at is null;
    if not found then
        return false;
    end if;
    perform relink.note_operation(p_audit, bearer.operator, 'attempt.cancel', p_attempt::text, p_reason,
                                  jsonb_build_object('account', p_account));
    perform pg_notify('relink_links', p_account::text);
    return true;
end $$;

grant update (state, answered_at) on relink.link_attempts to relink_worker;
revoke all on all functions in schema relink from public;
grant execute on function relink.lock_for_link(uuid),
    relink.begin_attempt(uuid, uuid, uuid, boolean, text, text, timestamptz, timestamptz, timestamptz, timestamptz),
    relink.renew_mint(uuid, uuid, integer, integer, text, text, timestamptz, timestamptz),
    relink.open_attempt(uuid, uuid, integer, bytea, timestamptz, text, bigint),
    relink.look_after_link(uuid, uuid, uuid[], smallint, text[], jsonb[], timestamptz[], text[]),
    relink.end_mint(uuid, uuid, integer, text, text, timestamptz),
    relink.cancel_attempt(text, uuid, uuid, uuid, text) to relink_operator;
