-- $1 writers · $2 gone_too
-- Sessions of the list that are new or changed, each as its counting sighting has it; and, without a health, those that a
-- complete list does not hold any more. Where a session stands in it twice, what was read last counts; but what could be
-- read at all counts more. A cursor, so that both tables are held against each other once, and not once for each lot that
-- is written. (`coalesce` lets the planner expect half of the rows, not one in two hundred; `distinct on` tells it that a
-- session stands among the news once, so that these few are hashed and not the whole list.)
declare changes no scroll cursor for
with news as materialized (
    select coalesce(s.session_id, o.session_id) as session_id, s.session_id is null as is_gone,
           o.fingerprint as known, o.gone_slot is not null as was_gone
      from (select t.session_id, t.fingerprint from relink.sightings t where coalesce(t.writer = any ($1), false)) s
      full join (select k.session_id, k.fingerprint, k.gone_slot from relink.sessions_seen k) o on o.session_id = s.session_id
     where case when s.session_id is null then $2 and o.gone_slot is null
                else o.fingerprint is distinct from s.fingerprint or o.gone_slot is not null end
), counting as (
    select distinct on (t.session_id) t.*, n.known, n.was_gone
      from (select distinct on (e.session_id) e.session_id, e.known, e.was_gone from news e where not e.is_gone) n
      join relink.sightings t on t.session_id = n.session_id
     where coalesce(t.writer = any ($1), false)
     order by t.session_id, t.rest = '', t.seen_at desc, t.ctid desc
)
select c.session_id, c.seen_at, c.health, c.identity, c.words, c.fingerprint, c.rest
  from counting c
 where c.known is distinct from c.fingerprint or c.was_gone
union all
select n.session_id, null, null, null, null, null, null from news n where n.is_gone
