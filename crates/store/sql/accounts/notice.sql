-- A notice belongs to the account's newest episode, which is the open one if one is, and before the first to none: never
-- twice in one (R-LNK-7).
insert into relink.notices (account_id, episode, reason, created_at)
select a.id, coalesce(e.began_version, 0), $2, $3
  from unnest($1::uuid[]) as a(id)
  left join lateral (
       select p.began_version from relink.episodes p
        where p.account_id = a.id order by p.began_version desc limit 1) e on true
on conflict do nothing
