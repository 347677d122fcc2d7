-- R-CAP-6: absence is proved. What the provider shows is compared with its own clock, never with ours.

-- Instant that the provider's clock had shown before the call of a send that became unknown; null: it had shown none, or
-- the worker that called did not live to tell.
alter table relink.sends add column shown_at timestamptz;
grant update (shown_at) on relink.sends to relink_worker;

-- What is only assumed to have happened proves nothing of its account: not that it works again (R-LNK-6).
drop trigger prove_episode on relink.sends;
create trigger prove_episode after update of state on relink.sends
    for each row when (new.state = 'sent' and old.state <> 'sent' and new.code is distinct from 'assumed')
    execute function relink.prove_episode();
alter table relink.sends enable always trigger prove_episode;
