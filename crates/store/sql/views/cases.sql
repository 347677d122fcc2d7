-- $1 verdict · $2 account · $3 id · $4 before_at · $5 before_id · $6 limit
-- One page of cases, the newest first; or the one of an id.
select c.id, c.account_id, a.name as account, w.name as workspace, c.session_id, c.opened_at, c.verdict, c.closed_at, c.evidence,
       c.stopped_at, c.stopped_why, c.confirmed_by,
       (select count(*) from relink.case_polls p where p.case_id = c.id) as polls,
       (select count(*) from relink.case_polls p
         where p.case_id = c.id and p.answer = 'gone' and p.control_answer = 'present') as gone
  from relink.cases c
  join relink.accounts a on a.id = c.account_id
  join relink.workspaces w on w.id = a.workspace_id
 where ($4::timestamptz is null or (c.opened_at, c.id) < ($4, $5::uuid))
   and ($1::text is null or coalesce(c.verdict, 'open') = $1)
   and ($2::uuid is null or c.account_id = $2)
   and ($3::uuid is null or c.id = $3)
 order by c.opened_at desc, c.id desc
 limit $6
