-- Accounts of shards $1 … $2 whose status does not stand in the newest row of their own chain (R-AUD-2): no head, a head
-- of another version or status, a version without its audit row, a row that says otherwise, or a row beyond the head.
-- An audit row is not recorded before its status began, which leaves all older months unread. What the hashes cover,
-- and the older rows, only `relink audit verify` proves.
select count(*) as unpaired
  from relink.accounts a
  left join lateral (
        select h.version, h.status, h.hash from relink.audit_heads h where h.account_id = a.id limit 1) h on true
  left join lateral (
        select count(*) filter (where u.version = h.version and u.to_status = h.status and u.hash = h.hash) as own,
               count(*) filter (where u.version > h.version) as beyond
          from relink.account_audit u
         where u.account_id = a.id and u.version >= a.status_version and u.recorded_at >= a.status_since - interval '1 hour') u on true
 where a.shard between $1 and $2
   and not coalesce(h.version = a.status_version and h.status = a.status and u.own = 1 and u.beyond = 0, false)
