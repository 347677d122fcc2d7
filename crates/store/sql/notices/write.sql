-- $1 account_id · $2 cause · $3 reason · $4 burst_kind · $5 burst_cause · $6 due_at · $7 look_after · $8 at
-- A notice belongs to the account's newest episode, which is the open one if one is, and before the first to none: never
-- twice in one (R-LNK-7). One of a burst is due after a second look only (R-WAT-6).
with bursts as materialized (
    select burst_kind, burst_cause from unnest($4::text[], $5::text[]) as b(burst_kind, burst_cause)
)
insert into relink.notices (account_id, episode, reason, created_at, cause, due_at, look_after)
select n.account_id, coalesce(e.began_version, 0), n.reason, $8, n.cause,
       case when b.burst_kind is null then n.due_at end, case when b.burst_kind is not null then $7::timestamptz end
  from unnest($1::uuid[], $2::text[], $3::text[], $6::timestamptz[]) as n(account_id, cause, reason, due_at)
  join relink.accounts a on a.id = n.account_id
  left join bursts b on b.burst_kind = a.kind and b.burst_cause = n.cause
  left join lateral (
       select p.began_version from relink.episodes p
        where p.account_id = n.account_id order by p.began_version desc limit 1) e on true
 where not exists (select from relink.notices o where o.account_id = n.account_id and o.episode = coalesce(e.began_version, 0))
on conflict do nothing
