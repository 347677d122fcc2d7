-- $1 workspace · $2 status · $3 kind · $4 hold · $5 id · $6 after · $7 limit · $8 at
-- One page of accounts by id; or the one of an id.
select a.id, a.name, a.kind, a.tier, a.workspace_id, w.name as workspace, a.session_id, a.handle, a.external_id,
       array(select h.reason from relink.account_holds h
              where h.account_id = a.id and relink.hold_in_force(p_ended_at => h.ended_at, p_ends_at => h.ends_at, p_at => $8) order by h.reason)
       || array(select 'copy' from relink.witness r where r.copy_since is not null) as holds
  from relink.accounts a
  join relink.workspaces w on w.id = a.workspace_id
 where a.id > $6
   and ($1::uuid is null or a.workspace_id = $1)
   and ($2::text is null or a.status::text = $2)
   and ($3::text is null or lower(a.kind) = lower($3))
   and ($4::text is null or exists (select from relink.account_holds h where h.account_id = a.id and h.reason = $4
                                       and relink.hold_in_force(p_ended_at => h.ended_at, p_ends_at => h.ends_at, p_at => $8)))
   and ($5::uuid is null or a.id = $5)
 order by a.id
 limit $7
