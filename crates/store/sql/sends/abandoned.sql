-- $1 first · $2 last · $3 at · $4 limit
-- Open sends of a range of shards whose job is over without having settled them: it is a dead letter. A quarter of an
-- hour of the machine's time lies between, so that no run of it goes on.
select s.account_id, s.id, s.state
  from relink.sends s
 where s.state in ('planned', 'reserved', 'sending') and relink.shard_of(s.account_id) between $1 and $2
   and greatest(s.slot_at, s.counted_at) < $3::timestamptz - make_interval(secs => 900 * relink.clock_rate())
   and not exists (select from relink.jobs j
                    where j.cause = 'sends.execute:' || s.id and j.state in ('waiting', 'leased'))
 limit $4
