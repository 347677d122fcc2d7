-- $1 account_id · $2 stop · $3 observed_at · $4 agrees
update relink.stopped_losses t set looked_at = l.observed_at, look_agrees = l.agrees
  from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::boolean[]) as l(account_id, stop, observed_at, agrees)
 where t.account_id = l.account_id and t.id = l.stop and t.state = 'open'
