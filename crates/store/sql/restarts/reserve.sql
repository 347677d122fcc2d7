-- $1 account_id · $2 id · $3 version · $4 rung · $5 session_id · $6 at
-- The intents. One that a run before wrote down and did not call is taken anew.
insert into relink.restarts (account_id, id, version, rung, session_id, reserved_at)
select account_id, id, version, rung, session_id, $6
  from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::integer[], $5::text[]) as w(account_id, id, version, rung, session_id)
on conflict (account_id, id) do update set reserved_at = excluded.reserved_at
