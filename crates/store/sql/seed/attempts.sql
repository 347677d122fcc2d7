-- $1 account_id · $2 id · $3 session_id · $4 at
insert into relink.link_attempts (account_id, id, started_at, ends_at, session_id)
select account_id, id, $4::timestamptz, $4::timestamptz + interval '24 hours', session_id
  from unnest($1::uuid[], $2::uuid[], $3::text[]) as t(account_id, id, session_id)
