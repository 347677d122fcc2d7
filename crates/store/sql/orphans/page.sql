-- $1 first · $2 last · $3 after · $4 at · $5 before · $6 limit
-- One page, by id, of the accounts of a range of shards that wait for a link since before `before`: those that are
-- connecting, and those whose owner tried while they are lost (R-ORP-1). A try counts as long as its name is good, whatever
-- became of it: a login on an older page may have been told of by nobody, or while the account was well. Page follows page,
-- so nobody starves behind links that were abandoned. Who is being verified already is left out.
select a.id
  from relink.accounts a
 where a.shard between $1 and $2 and a.id > $3
   and a.status in ('connecting', 'missing', 'reconnect_needed', 'action_required')
   and (a.status = 'connecting' and a.status_since < $5
        or exists (select from relink.link_attempts l
                    where l.account_id = a.id and l.ends_at > $4 and l.started_at < $5))
   and not exists (select from relink.jobs j
                    where j.account_id = a.id and j.kind = 'orphan.link' and j.state in ('waiting', 'leased'))
 order by a.id
 limit $6
