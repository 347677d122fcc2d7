-- Owners' notices as mails: the steps of an episode's ladder, what became of each, and addresses that get none (R-LNK-7).

-- A step is told once in an episode, whatever the reason says by then. Nothing delivered these rows until now.
delete from relink.notices n
 using relink.notices o
 where o.account_id = n.account_id and o.episode = n.episode and (o.created_at, o.reason) < (n.created_at, n.reason);

alter table relink.notices
    -- 0 at once, 1 to 3 a day, three and seven days later, 4 once the account is back.
    add column step       smallint not null default 0 check (step between 0 and 4),
    add column state      text not null default 'planned'
                          check (state in ('planned', 'sending', 'sent', 'failed', 'skipped', 'suppressed')),
    -- Why it ended without a mail.
    add column why        text check (why in ('came_back', 'disconnected', 'later_step', 'lost_again', 'workspace_over', 'no_mail_server',
                                              'policy_none', 'policy_event', 'opted_out', 'no_address', 'undeliverable', 'refused',
                                              'unanswered')),
    -- Steps up with every job that is asked to mail it: at any other number the job is moot.
    add column tries      integer not null default 0,
    -- When the mail was given away last; committed before it was.
    add column sending_at timestamptz,
    -- The mail's Message-ID, and the last code of the mail server.
    add column message_id text,
    add column smtp_code  smallint,
    add column ended_at   timestamptz,
    -- Held back once because very many came due together.
    add column held_at    timestamptz,
    add constraint notices_end_says_when check ((state in ('planned', 'sending')) = (ended_at is null)),
    drop constraint notices_pkey,
    add primary key (account_id, episode, step);
update relink.notices n
   set state = 'skipped', why = coalesce(n.dropped_why, 'came_back'), ended_at = coalesce(n.dropped_at, e.ended_at)
  from relink.episodes e
 where e.account_id = n.account_id and e.began_version = n.episode and (n.dropped_at is not null or e.ended_at is not null);
update relink.notices n set state = 'skipped', why = n.dropped_why, ended_at = n.dropped_at
 where n.dropped_at is not null and n.state = 'planned';

-- Builds of before drop a notice without its state.
create function relink.end_dropped_notice() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    new.state := 'skipped';
    new.why := new.dropped_why;
    new.ended_at := new.dropped_at;
    return new;
end $$;
create trigger end_dropped_notice before update of dropped_at on relink.notices
    for each row when (new.dropped_at is not null and old.dropped_at is null) execute function relink.end_dropped_notice();

drop index relink.notices_due;
create index notices_planned on relink.notices (due_at) where state = 'planned';
create index notices_first on relink.notices (due_at) where step = 0;
create index notices_told on relink.notices (account_id, sending_at) where sending_at is not null;
create index notices_by_age on relink.notices (created_at, account_id, step);

-- Addresses that get no mails of a workspace. An address that its product changes is another one.
create table relink.mail_stops (
    workspace_id uuid not null references relink.workspaces,
    -- Its digest, in lower case: nobody needs to read it.
    address      text not null,
    reason       text not null check (reason in ('opted_out', 'undeliverable')),
    since        timestamptz not null,
    -- The account whose notice it was about.
    account_id   uuid not null references relink.accounts,
    primary key (workspace_id, address)
);

-- The owner of an account wants no more mails of its workspace; whether there is an owner to say so.
create function relink.opt_out(p_account uuid) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    insert into relink.mail_stops (workspace_id, address, reason, since, account_id)
    select a.workspace_id, relink.person_digest(lower(btrim(to_jsonb(a) ->> 'owner_email'))), 'opted_out', relink.clock(), a.id
      from relink.accounts a
     where a.id = p_account and btrim(to_jsonb(a) ->> 'owner_email') <> ''
        on conflict (workspace_id, address) do update set reason = 'opted_out';
    return found;
end $$;

-- An operator has a notice told again that nobody was told of, or at once that is held back. An address that was said not to
-- exist is tried again; one whose owner wants no mails is not.
create function relink.redrive_notice(p_token text, p_audit uuid, p_account uuid, p_episode bigint, p_step smallint, p_reason text)
    returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'operate');
    n relink.notices;
begin
    select * into n from relink.notices o
     where o.account_id = p_account and o.episode = p_episode and o.step = p_step for update;
    if not found then
        raise exception 'notice: account % has none of episode % and step %', p_account, p_episode, p_step using errcode = 'P0002';
    elsif n.state in ('sending', 'sent', 'skipped') then
        raise exception 'notice: it is %, and nothing is told twice', n.state using errcode = '55000';
    elsif n.state = 'failed' and n.why = 'unanswered' then
        raise exception 'notice: the mail server may have taken it; nothing is told twice' using errcode = '55000';
    end if;
    perform relink.note_operation(p_audit, who, 'notice.redrive', p_account::text, p_reason,
                                  jsonb_build_object('episode', p_episode, 'step', p_step, 'was', n.state, 'why', n.why));
    delete from relink.mail_stops s
     using relink.accounts a
     where a.id = p_account and s.workspace_id = a.workspace_id and s.reason = 'undeliverable'
       and (s.account_id = a.id or s.address = relink.person_digest(lower(btrim(to_jsonb(a) ->> 'owner_email'))));
    update relink.notices o
       set state = 'planned', why = null, ended_at = null, due_at = relink.clock(), held_at = coalesce(o.held_at, relink.clock())
     where o.account_id = p_account and o.episode = p_episode and o.step = p_step;
end $$;

revoke all on relink.mail_stops from public;
revoke all on all functions in schema relink from public;
grant select on relink.mail_stops to relink_worker, relink_scheduler, relink_reader, relink_operator;
grant insert, update (reason, since, account_id) on relink.mail_stops to relink_worker;
grant update (state, why, tries, sending_at, message_id, smtp_code, ended_at, held_at) on relink.notices to relink_worker;
grant execute on function relink.opt_out(uuid), relink.redrive_notice(text, uuid, uuid, bigint, smallint, text) to relink_operator;
