-- People with several live sessions of one kind, those with several linked ones first, $2 of them at most; of each
-- person's sessions $3 at most, the linked ones first. The newest list, of $1, holds them all.
with twice as (
    select s.kind, s.identity, count(*) as sessions, count(a.id) as linked
      from relink.sessions_seen s
      left join relink.accounts a on a.session_id = s.session_id
     where s.gone_slot is null and s.identity is not null
     group by s.kind, s.identity
    having count(*) > 1
     order by (count(a.id) > 1) desc, s.identity, s.kind
     limit $2
)
select t.kind, t.identity, t.sessions, t.linked, o.session_id, o.health, o.first_seen, o.seen_at, o.account_id, o.name,
       o.workspace_id
  from twice t
 cross join lateral (
    select s.session_id, s.health, s.first_seen, greatest(s.seen_at, $1) as seen_at, a.id as account_id, a.name, a.workspace_id
      from relink.sessions_seen s
      left join relink.accounts a on a.session_id = s.session_id
     where s.gone_slot is null and s.identity = t.identity and s.kind = t.kind
     order by a.id is null, s.first_seen, s.session_id
     limit $3) o
 order by (t.linked > 1) desc, t.identity, t.kind, o.account_id is null, o.first_seen, o.session_id
