select c.id, c.session_id as case_session, c.opened_at, c.closed_at is not null as is_closed,
       a.id as account_id, a.workspace_id, a.status_version, a.status::text as status, a.status_since, a.session_id, a.identity,
       t.link_ends_at, t.closed_at as attempt_closed_at,
       (select count(*) from relink.accounts f where f.session_id is not null and f.status <> 'disconnected') as fleet,
       (select count(distinct s.session_id)
          from relink.case_polls p join relink.cases s on s.id = p.case_id
         where p.answer = 'gone' and p.control_answer = 'present'
           and p.finished_at > $2::timestamptz - interval '24 hours'
           and s.session_id <> c.session_id) as other_suspects,
       (select count(*) from relink.cases r
         where r.session_id = c.session_id and r.verdict = 'recovered'
           and r.closed_at > $2::timestamptz - interval '24 hours') as recovered_24h
  from relink.cases c
  join relink.accounts a on a.id = c.account_id
  left join lateral (select l.link_ends_at, l.closed_at from relink.link_attempts l
                      where l.account_id = a.id order by l.started_at desc limit 1) t on true
 where c.id = $1
