-- Sessions of the newest complete listing that could belong to a waiting account, with whoever has a claim on them.
select s.session_id, s.kind, s.name, s.health, s.words, s.identity, s.handle, s.created_at, s.seen_at,
       c.workspace_id as claimed_workspace, c.id as claimed_account,
       i.workspace_id as identity_workspace, i.id as identity_account
  from relink.sessions_seen s
  left join relink.accounts c on c.session_id = s.session_id
  left join lateral (select o.workspace_id, o.id from relink.accounts o
                      where o.identity = s.identity order by o.id limit 1) i on true
 where s.slot = (select max(r.slot) from relink.watch_runs r where r.listed_at is not null)
   and (s.session_id = any ($1) or s.identity = any ($2) or s.handle = any ($3))
