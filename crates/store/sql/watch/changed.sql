-- $1 writers · $2 gone_too · $3 limit
-- Sessions of the list that are new or changed, each as its counting sighting has it; and, without a health, those that a
-- complete list does not hold any more. Where a session stands in it twice, what was read last counts; but what could be
-- read at all counts more. (`coalesce` lets the planner expect half of the rows, not one in two hundred.)
with news as materialized (
    select coalesce(s.session_id, o.session_id) as session_id, s.session_id is null as is_gone
      from (select t.session_id, t.fingerprint from relink.sightings t where coalesce(t.writer = any ($1), false)) s
      full join (select k.session_id, k.fingerprint, k.gone_slot from relink.sessions_seen k) o on o.session_id = s.session_id
     where case when s.session_id is null then $2 and o.gone_slot is null
                else o.fingerprint is distinct from s.fingerprint or o.gone_slot is not null end
     limit $3
), counting as (
    select distinct on (t.session_id) t.*
      from news n
      join relink.sightings t on t.session_id = n.session_id and not n.is_gone
     where coalesce(t.writer = any ($1), false)
     order by t.session_id, t.rest = '', t.seen_at desc, t.ctid desc
)
select f.*, (select count(*) from news) as found
  from (select c.session_id, c.seen_at, c.health, c.identity, c.words, c.fingerprint, c.rest
          from counting c
          left join relink.sessions_seen o on o.session_id = c.session_id
         where o.fingerprint is distinct from c.fingerprint or o.gone_slot is not null
        union all
        select n.session_id, null, null, null, null, null, null from news n where n.is_gone) f
