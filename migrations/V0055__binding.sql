-- What becomes of a login that an owner made: refused, kept aside, given to an earlier row of the same person (R-LNK-4, R-LNK-5).

alter table relink.link_attempts
    -- Reason for which its login was not bound; its owner's page says it in words.
    add column refusal text check (refusal in ('wrong_account', 'session_taken', 'identity_known', 'elsewhere')),
    -- Session that it made after a newer attempt had taken its place: bound by proof of its person alone (R-ORP-2).
    add column candidate_session text check (candidate_session <> ''),
    add constraint refusal_of_a_closed_attempt check (refusal is null or closed_at is not null);

-- Earlier row of the same person, which this account's login brought back; it has nothing of its own any more.
alter table relink.accounts
    add column merged_into uuid references relink.accounts check (merged_into <> id);
create index accounts_merged on relink.accounts (merged_into) where merged_into is not null;

alter table relink.provider_events
    -- What a worker made of it; null until then, and of events that call for nothing.
    add column came_to text check (came_to in
        ('landed', 'refused', 'failed', 'verifying', 'noted', 'looked', 'waits', 'nothing')),
    add column acted_at timestamptz;

grant update (refusal, candidate_session) on relink.link_attempts to relink_worker;
grant update (merged_into) on relink.accounts to relink_worker;
grant update (came_to, acted_at) on relink.provider_events to relink_worker;
revoke all on all functions in schema relink from public;
