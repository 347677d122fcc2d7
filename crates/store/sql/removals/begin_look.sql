-- Beside a session that is gone: one known good. Beside a duplicate: the session of the same person that is linked.
with asked as (
    select r.id, r.session_id, r.warrant_id from relink.removals r where r.id = $1 and r.state = 'requested'
), begun as (
    insert into relink.removal_looks (removal_id, number, control_session)
    select a.id, $2, case when a.warrant_id is null then $3::text else (
               select t.session_id
                 from relink.sessions_seen s
                 join relink.accounts t on t.identity = s.identity and t.status = 'connected'
                where s.session_id = a.session_id and t.session_id <> a.session_id
                order by t.id limit 1) end
      from asked a
    on conflict (removal_id, number) do nothing
    returning control_session
)
select control_session from begun
union all
-- A run that did not live to tell began it: its earlier start only makes it wait longer.
select l.control_session from relink.removal_looks l join asked a on a.id = l.removal_id
 where l.number = $2 and l.finished_at is null
