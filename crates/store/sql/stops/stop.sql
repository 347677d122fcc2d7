-- $1 slot · $2 at · $3 only
-- Stops every new loss of a run; of some accounts only where `only` names them.
insert into relink.stopped_losses (account_id, id, session_id, version, from_status, to_status, cause, first_run, last_run,
                                   runs, observed_at, words)
select p.account_id, gen_random_uuid(), p.session_id, p.version, p.from_status, p.to_status, p.cause, $1, $1, 1,
       p.observed_at, p.words
  from relink.new_losses(p_slot => $1, p_at => $2) n
  join relink.watch_proposals p on p.slot = $1 and p.account_id = n.account_id
 where $3::uuid[] is null or n.account_id = any ($3)
 order by p.account_id
on conflict do nothing
