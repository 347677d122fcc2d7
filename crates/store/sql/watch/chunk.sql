-- $1 slot · $2 first · $3 last
-- The proposals of one share that nobody dealt with, each loss with the stop that was accepted for it.
select p.account_id, a.workspace_id, p.class, p.version, p.from_status::text as from_status,
       p.to_status::text as to_status, p.cause, p.session_id, p.observed_at, p.words,
       exists (select from relink.cases c where c.session_id = p.session_id and c.closed_at is null) as case_open,
       t.id as stop_id, t.first_run, t.decided_by
  from relink.watch_proposals p
  join relink.accounts a on a.id = p.account_id
  left join relink.stopped_losses t on t.account_id = p.account_id and t.state = 'accepted' and p.class = 'loss'
 where p.slot = $1 and p.account_id between $2 and $3 and not p.applied
 order by p.account_id
