-- $1 workspace · $2 after · $3 at · $4 limit
-- The same of one page of a workspace's accounts, those after the account `after`, in the order of the index.
select a.id, a.name, a.kind, a.status::text as status, a.status_since, a.checkpoint, a.last_activity_at,
       r.zone, r.zone_from, h.reason as hold_reason, h.ends_at as hold_ends_at, c.cause
  from relink.accounts a
  cross join lateral relink.rules_at(a.id) r
  left join lateral (
       select h.reason, h.ends_at from relink.account_holds h
        where h.account_id = a.id and h.ended_at is null and (h.ends_at is null or h.ends_at > $3)
        order by h.ends_at desc nulls first limit 1) h on true
  left join lateral (
       select t.cause from relink.account_audit t
        where t.account_id = a.id and t.version = a.status_version limit 1) c on true
 where a.workspace_id = $1 and ($2::uuid is null or (a.shard, a.id) > (relink.shard_of($2), $2))
 order by a.shard, a.id
 limit $4
