-- $1 since · $2 seen · $3 until · $4 xid · $5 id · $6 workspace · $7 scanned_max · $8 limit
-- One page of losses and returns that a reader who saw what the snapshot `seen` sees has not been told, in one order;
-- `until` holds the set fast from page to page. What commits late is not in `seen`, whatever its id. A row written before
-- the database was restored from a dump may name a transaction that is still to come: it is history, and never news.
with scanned as materialized (
    select u.xid, u.id, u.account_id, u.version, u.at, u.recorded_at, u.from_status, u.to_status, u.cause
      from relink.account_audit u
     where ((u.from_status = 'connected' and u.to_status <> 'disconnected')
         or (u.from_status = 'recovering' and u.to_status in ('reconnect_needed', 'action_required'))
         or u.to_status = 'missing'
         or (u.to_status = 'connected' and u.version > 2))
       and u.recorded_at >= $1 and (u.xid, u.id) > ($4::text::xid8, $5)
       and case when $2::text is null
                then pg_visible_in_snapshot(u.xid, (select coalesce($3::text::pg_snapshot, pg_current_snapshot())))
                     or u.xid >= (select pg_snapshot_xmax(pg_current_snapshot()))
                else pg_visible_in_snapshot(u.xid, (select coalesce($3::text::pg_snapshot, pg_current_snapshot())))
                     and not pg_visible_in_snapshot(u.xid, $2::text::pg_snapshot) end
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
    select (select coalesce($3::text::pg_snapshot, pg_current_snapshot()))::text as until, count(*) as scanned
      from scanned
), last as (
    select s.xid, s.id from scanned s order by s.xid desc, s.id desc limit 1
)
select e.until, e.scanned, l.xid::text as last_xid, l.id as last_id,
       t.xid::text as xid, t.id, t.account_id, t.version, t.at, t.recorded_at, t.from_status::text as from_status,
       t.to_status::text as to_status, t.cause, t.name, t.kind, t.workspace_id, t.workspace
  from ends e
  left join last l on true
  left join told t on true
 order by t.xid, t.id
