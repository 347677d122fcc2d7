-- $1 account_id · $2 reason · $3 ends_at · $4 note · $5 at
-- A hold that stands already is only made longer; one that is over begins anew.
insert into relink.account_holds (account_id, reason, since, ends_at, note)
select account_id, reason, $5, ends_at, note
  from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[]) as h(account_id, reason, ends_at, note)
on conflict (account_id, reason) do update
   set since = case when relink.hold_in_force(p_ended_at => account_holds.ended_at, p_ends_at => account_holds.ends_at, p_at => $5)
                    then account_holds.since else excluded.since end,
       ends_at = case when excluded.ends_at is null then null
                      when account_holds.ended_at is not null then excluded.ends_at
                      when account_holds.ends_at is null then null
                      else greatest(excluded.ends_at, account_holds.ends_at) end,
       note = excluded.note, ended_at = null, proved_at = null
