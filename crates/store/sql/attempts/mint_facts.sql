-- $1 account · $2 dead_since · $3 dead_max
-- An account that is locked, its newest attempt, and the links of it that were called dead since then.
select a.id, a.workspace_id, a.kind, a.status::text as status, a.status_version, a.session_id, a.kept_session,
       a.first_connected_at is not null as was_connected, a.merged_into, w.ended_at is not null as is_over,
       coalesce(e.began_version, 0) as episode,
       t.id as attempt_id, t.state, t.purpose, t.mint_no, t.minted_at, t.mint_lease_ends_at, t.link_ends_at, t.ends_at,
       t.answered_at, t.failure, t.url_sealed,
       array(select d.said_dead_at from relink.link_attempts d
              where d.account_id = a.id and d.said_dead_at > $2
              order by d.said_dead_at desc limit $3) as dead_said
  from relink.accounts a
  join relink.workspaces w on w.id = a.workspace_id
  left join relink.episodes e on e.account_id = a.id and e.ended_at is null
  left join lateral (select l.* from relink.link_attempts l
                      where l.account_id = a.id
                      order by l.started_at desc, l.id desc limit 1) t on true
 where a.id = $1
