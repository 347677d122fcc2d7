-- $1 session_ids · $2 identities · $3 handles · $4 kind · $5 opens_at · $6 closes_at · $7 near_max · $8 at
-- Sessions that exist and could belong to waiting accounts, each with *every* account that
-- has a claim to it, whatever its status: named by an id, an identity or a handle, or claimed by nobody and made inside
-- the time of a first link ($4 … $6; `near_max` of each, the earliest).
with windows as (
    select distinct upper(w.kind) as kind, w.opens_at, w.closes_at
      from unnest($4::text[], $5::timestamptz[], $6::timestamptz[]) as w(kind, opens_at, closes_at)
), free as materialized (
    select s.session_id, upper(s.kind) as kind, s.created_at
      from relink.sessions_seen s
     where s.health = 'ok' and s.gone_slot is null
       and s.created_at between (select min(w.opens_at) from windows w) and (select max(w.closes_at) from windows w)
       and not exists (select from relink.accounts a where a.session_id = s.session_id)
       and not exists (select from relink.accounts a where a.kept_session = s.session_id)
       and not exists (select from relink.accounts a where a.identity = s.identity)
), wanted as (
    select s.session_id from relink.sessions_seen s where s.session_id = any ($1)
    union
    select s.session_id from relink.sessions_seen s where s.identity = any ($2)
    union
    select s.session_id from relink.sessions_seen s where s.handle = any ($3)
    union
    select f.session_id
      from windows w
     cross join lateral (select f.session_id from free f
                          where f.kind = w.kind and f.created_at between w.opens_at and w.closes_at
                          order by f.created_at, f.session_id limit $7) f
)
select s.session_id, s.kind, s.name, s.health, s.words, s.identity, s.handle, s.created_at, s.seen_at,
       o.workspaces, o.accounts, o.statuses, o.claims
  from wanted w
  join relink.sessions_seen s on s.session_id = w.session_id and s.gone_slot is null
 cross join lateral (
    select array_agg(c.workspace_id) as workspaces, array_agg(c.id) as accounts, array_agg(c.status::text) as statuses,
           array_agg(c.claim) as claims
      from (select a.workspace_id, a.id, a.status, 'session' as claim
              from relink.accounts a where a.session_id = s.session_id
            union all
            select a.workspace_id, a.id, a.status, 'kept' from relink.accounts a where a.kept_session = s.session_id
            union all
            select a.workspace_id, a.id, a.status, 'person' from relink.accounts a where a.identity = s.identity
            union all
            -- Of an account that knows nobody, its session says who it is.
            select a.workspace_id, a.id, a.status, 'person'
              from relink.sessions_seen t
              join relink.accounts a on a.session_id = t.session_id and a.identity is null
             where t.identity = s.identity
            union all
            select a.workspace_id, a.id, a.status, 'attempt'
              from relink.link_attempts l
              join relink.accounts a on a.id = l.account_id
             where l.session_id = s.session_id and l.closed_at is null and l.ends_at > $8
               and not exists (select from relink.link_attempts n
                                where n.account_id = l.account_id and (n.started_at, n.id) > (l.started_at, l.id))) c) o
 order by s.session_id
