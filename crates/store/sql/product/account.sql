-- What the owner of one account sees of it, if it is that workspace's; the hold is the one that ends last.
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
 where a.workspace_id = $1 and a.id = $2
