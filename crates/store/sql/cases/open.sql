-- $1 account_id · $2 id · $3 session_id · $4 evidence · $5 at
insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence)
select w.account_id, w.id, w.session_id, a.status_version, $5, w.evidence
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[]) as w(account_id, id, session_id, evidence)
  join relink.accounts a on a.id = w.account_id and a.session_id = w.session_id
on conflict (session_id) where closed_at is null do nothing
returning id, account_id, (select workspace_id from relink.accounts a where a.id = cases.account_id) as workspace_id
