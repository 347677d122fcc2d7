select c.id, c.session_id as case_session, c.opened_at, c.closed_at is not null as is_closed,
       a.id as account_id, a.workspace_id, a.status_version, a.status::text as status, a.status_since, a.session_id, a.identity,
       (select count(*) from relink.accounts f where f.session_id is not null and f.status <> 'disconnected') as fleet,
       (select count(distinct s.session_id)
          from relink.case_polls p join relink.cases s on s.id = p.case_id
         where p.answer = 'gone' and p.control_answer = 'present'
           and p.finished_at > $2::timestamptz - interval '24 hours'
           and s.session_id <> c.session_id) as other_suspects
  from relink.cases c
  join relink.accounts a on a.id = c.account_id
 where c.id = $1
