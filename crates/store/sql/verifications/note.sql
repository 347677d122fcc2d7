-- $1 account_id · $2 version · $3 session_id · $4 tries · $5 next_at · $6 last_why · $7 refused
insert into relink.verifications as v (account_id, version, session_id, tries, next_at, last_why, refused)
select account_id, version, session_id, tries, next_at, last_why, refused
  from unnest($1::uuid[], $2::bigint[], $3::text[], $4::smallint[], $5::timestamptz[], $6::text[], $7::boolean[])
       as n(account_id, version, session_id, tries, next_at, last_why, refused)
on conflict (account_id) do update
   set version = excluded.version, session_id = excluded.session_id, tries = excluded.tries, next_at = excluded.next_at,
       last_why = excluded.last_why, refused = excluded.refused,
       reset_at = case when excluded.tries > 0 and v.session_id = excluded.session_id then v.reset_at end
