-- $1 slot · $2 at
-- What is stopped or refused is not left to the shares of the run.
update relink.watch_proposals p set applied = true
  from relink.stopped_losses t
 where p.slot = $1 and p.class = 'loss' and not p.applied and t.account_id = p.account_id and t.version = p.version
   and (t.state = 'open'
        or (t.state = 'refused' and t.until > $2 and t.to_status = p.to_status and t.cause = p.cause))
