-- $1 writers · $2 quiet · $3 after
-- Accounts about which the comparison may have something to say, in their order from `after` on, and sessions without an
-- account that are not known as such, before the first account. Nothing is to be said of a pair of a status and a health that
-- agree (`quiet`), while both name the same person. Accounts held for a stranger are looked at whatever they show. A cursor,
-- as in watch/open_changes.sql.
declare suspects no scroll cursor for
select f.account_id, f.session_id
  from (select a.id as account_id, s.session_id
          from (select t.session_id, t.health, t.identity, t.is_odd from relink.sightings t where coalesce(t.writer = any ($1), false)) s
          full join (select c.id, c.session_id, c.status, c.identity from relink.accounts c where c.session_id is not null) a
            on a.session_id = s.session_id
         where case when a.id is null then $3::uuid is null
                     and s.session_id not in (select k.session_id from relink.sessions_seen k where k.is_free and k.gone_slot is null)
                    when $3 is null or a.id > $3 then
                         s.session_id is null or s.is_odd or (a.identity = s.identity) is false
                         or not ((a.status = 'connected' and s.health = 'ok')
                                 or (a.status::text || ' ' || s.health) = any ($2))
                    else false end
        union
        select h.account_id, c.session_id
          from relink.account_holds h
          join relink.accounts c on c.id = h.account_id
         where h.reason = 'wrong_account' and h.ended_at is null and c.session_id is not null
           and ($3 is null or h.account_id > $3)) f
 order by f.account_id nulls first
