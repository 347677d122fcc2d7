-- $1 since · $2 seen · $3 until · $4 xid · $5 id · $6 workspace · $7 scanned_max · $8 limit
-- One page of losses and returns that a reader who saw what the snapshot `seen` sees has not been told, in one order;
-- `until` holds the set fast from page to page. What commits late is not in `seen`, whatever its id. A row written before
-- the database was restored from a dump may name a transaction that is still to come: it is history, and never news. A place
-- that knows of transactions to come was given out by another server: its reader is told all since $1 once more.
with place as materialized (
    select is_ours, case when is_ours then $2::text end as seen, case when is_ours then $3::text end as until,
           case when is_ours then $4::text::xid8 else '0' end as xid, case when is_ours then $5::bigint else 0 end as id
      from (select not exists (select from unnest(array[$2, $3]::text[]) as known(snapshot)
                                where pg_snapshot_xmax(known.snapshot::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot()))
                   as is_ours) given
), scanned as materialized (
    select u.xid, u.id, u.account_id, u.version, u.at, u.recorded_at, u.from_status, u.to_status, u.cause
      from relink.account_audit u
     where ((u.from_status = 'connected' and u.to_status <> 'disconnected')
         or (u.from_status = 'recovering' and u.to_status in ('reconnect_needed', 'action_required'))
         or u.to_status = 'missing'
         or (u.to_status = 'connected' and u.version > 2))
       and u.recorded_at >= $1 and (u.xid, u.id) > ((select p.xid from place p), (select p.id from place p))
       and case when (select p.seen from place p) is null
                then pg_visible_in_snapshot(u.xid, (select coalesce(p.until::pg_snapshot, pg_current_snapshot()) from place p))
                     or u.xid >= (select pg_snapshot_xmax(pg_current_snapshot()))
                else pg_visible_in_snapshot(u.xid, (select coalesce(p.until::pg_snapshot, pg_current_snapshot()) from place p))
                     and not pg_visible_in_snapshot(u.xid, (select p.seen::pg_snapshot from place p)) end
     order by u.xid, u.id
     limit $7
), told as (
    select u.*, a.name, a.kind, a.workspace_id, w.name as workspace
      from scanned u
      join relink.accounts a on a.id = u.account_id
      join relink.workspaces w on w.id = a.workspace_id
     where ($6::uuid is null or a.workspace_id = $6)
       -- A first link is no return.
       and (u.to_status <> 'connected' or a.first_connected_at < u.at)
     order by u.xid, u.id
     limit $8
), ends as (
    select (select coalesce(p.until::pg_snapshot, pg_current_snapshot()) from place p)::text as until, count(*) as scanned
      from scanned
), last as (
    select s.xid, s.id from scanned s order by s.xid desc, s.id desc limit 1
)
select e.until, e.scanned, p.is_ours, l.xid::text as last_xid, l.id as last_id,
       t.xid::text as xid, t.id, t.account_id, t.version, t.at, t.recorded_at, t.from_status::text as from_status,
       t.to_status::text as to_status, t.cause, t.name, t.kind, t.workspace_id, t.workspace
  from ends e
 cross join place p
  left join last l on true
  left join told t on true
 order by t.xid, t.id
