-- $1 account_id · $2 session_id · $3 identity
-- Who keeps an account from a session and its person: anybody who has or kept that session, and anybody who is that
-- person but a disconnected account of the same workspace (R-LNK-5, R-DIS-4). As accounts/flip.sql refuses.
with wanted as (
    select w.account_id, w.session_id, w.identity
      from unnest($1::uuid[], $2::text[], $3::text[]) as w(account_id, session_id, identity)
)
select w.account_id, o.workspace_id, o.id, o.status::text as status, 'session' as claim
  from wanted w join relink.accounts o on o.session_id = w.session_id and o.id <> w.account_id
union
select w.account_id, o.workspace_id, o.id, o.status::text, 'kept'
  from wanted w join relink.accounts o on o.kept_session = w.session_id and o.id <> w.account_id
union
select w.account_id, o.workspace_id, o.id, o.status::text, 'person'
  from wanted w
  join relink.accounts a on a.id = w.account_id
  join relink.accounts o on o.identity = w.identity and o.id <> w.account_id
                        and (o.workspace_id <> a.workspace_id or o.status <> 'disconnected')
 order by account_id, id
