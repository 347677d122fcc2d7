-- $1 account_id · $2 episode · $3 step
-- Notices with all that their fate depends on, in the order of their names; one that does not exist is left out.
select n.account_id, n.episode, n.step, n.state, n.tries, n.reason, n.cause, n.created_at, n.due_at is null as awaits_look,
       n.held_at is not null as was_held, coalesce(e.began_at, f.created_at, n.created_at) as began_at, e.ended_at as episode_ended_at,
       a.status::text as status, a.name as account_name, a.kind, a.owner_email as owner_address, a.owner_name,
       coalesce(a.zone, w.zone) as zone, s.reason as owner_stop,
       w.id as workspace_id, w.name as workspace_name, w.support_address,
       w.notices as mail_policy,
       w.ended_at is not null or exists (
            select from relink.account_holds h
             where h.account_id = a.id and h.reason = 'subscription' and h.ended_at is null) as is_over,
       coalesce(c.addresses, '{}') as contacts, t.told_before_at
  from unnest($1::uuid[], $2::bigint[], $3::smallint[]) with ordinality as q(account_id, episode, step, nth)
  join relink.notices n on n.account_id = q.account_id and n.episode = q.episode and n.step = q.step
  join relink.accounts a on a.id = n.account_id
  join relink.workspaces w on w.id = a.workspace_id
  left join relink.episodes e on e.account_id = n.account_id and e.began_version = n.episode
  left join relink.notices f on f.account_id = n.account_id and f.episode = n.episode and f.step = 0
  left join relink.mail_stops s on s.workspace_id = w.id and s.address = relink.person_digest(a.owner_email)
  left join lateral (
       select array_agg(k.address order by k.address) as addresses
         from relink.contacts k
        where k.workspace_id = w.id
          and not exists (select from relink.mail_stops b
                           where b.workspace_id = w.id and b.address = relink.person_digest(k.address))) c on true
  left join lateral (
       -- An owner who brought it back and loses it again hears of it at once.
       select max(p.sending_at) as told_before_at
         from relink.notices p
        where p.account_id = n.account_id and p.episode <> n.episode and p.sending_at is not null
          and not exists (select from relink.episodes b
                           where b.account_id = p.account_id and b.ended_at >= p.sending_at and b.returned_by = 'owner')) t on true
 order by q.nth
