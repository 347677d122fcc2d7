-- $1 account · $2 episode · $3 at
-- What an owner's page is made of, all of it of one instant. An account whose person came back on an earlier row is shown as that
-- one (R-LNK-5).
select a.id as account_id, a.workspace_id, a.name, a.kind, a.handle, a.identity, a.checkpoint, a.status::text as status,
       a.status_since, a.first_connected_at, w.name as workspace_name, w.support_address, w.ended_at as workspace_ended_at,
       r.zone, h.since as stranger_since, n.began_at as lost_at, t.ended_at as told_ended_at,
       l.state as phase, l.purpose, l.started_at, l.refusal
  from relink.accounts o
  join relink.accounts a on a.id = coalesce(o.merged_into, o.id)
  join relink.workspaces w on w.id = a.workspace_id
 cross join lateral relink.rules_at(a.id) r
  left join relink.account_holds h
    on h.account_id = a.id and h.reason = 'wrong_account'
   and relink.hold_in_force(p_ended_at => h.ended_at, p_ends_at => h.ends_at, p_at => $3)
  left join lateral (select e.began_at from relink.episodes e
                      where e.account_id = a.id order by e.began_version desc limit 1) n on true
  left join relink.episodes t on t.account_id = a.id and t.began_version = $2
  left join lateral (select k.state, k.purpose, k.started_at, k.refusal from relink.link_attempts k
                      where k.account_id = a.id order by k.started_at desc, k.id desc limit 1) l on true
 where o.id = $1
