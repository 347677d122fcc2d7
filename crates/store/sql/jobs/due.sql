-- $1 queue · $2 at · $3 workspace_id · $4 kind · $5 after_at · $6 after_id · $7 take · $8 budget · $9 hold_share · $10 drain_share
-- $11 known · $12 held · $13 account_id · $14 is_drain · $15 share · $16 with_suspects
-- Due jobs of some lanes that no pause keeps (R-Q-1), the oldest of each first: at most `take` of a lane, and of its rows at
-- most `budget` are read. The last row that the budget lets be read is in the answer whatever is thought of it: the next
-- look goes on behind it. What is known already, rung for or set aside, is not in it. Judges as relink.pauses_over does; a
-- test holds the two together. What vanished twice is a suspect, and told as one (R-JOB-3).
select l.nth - 1 as lane, j.id, greatest(j.run_at, timestamptz '0001-01-02 00:00:00Z') as run_at, j.attempt, j.traceparent,
       j.may_start, j.is_suspect, j.is_last
  from unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::uuid[], $7::bigint[], $8::bigint[], $9::double precision[],
              $10::double precision[])
       with ordinality as l(workspace_id, kind, after_at, after_id, take, budget, hold_share, drain_share, nth)
 cross join lateral (
    select *
      from (select r.id, r.run_at, r.attempt, r.traceparent, r.is_suspect, row_number() over (order by r.run_at, r.id) = l.budget as is_last,
                   r.id not in (select unnest($11::uuid[]))
                   and (l.hold_share >= 1 or r.portion < l.hold_share)
                   and (l.drain_share >= 1 or r.has_started or r.portion < l.drain_share)
                   and (r.account_id is null
                        or r.account_id not in (select unnest($12::uuid[]))
                           and (r.account_id not in (select unnest($13::uuid[]))
                                or not exists (select from unnest($13::uuid[], $14::boolean[], $15::double precision[])
                                                           as p(account_id, is_drain, share)
                                                where p.account_id = r.account_id and (not p.is_drain or not r.has_started)
                                                  and r.portion >= p.share)))
                   and ($16::boolean or not r.is_suspect) as may_start
              from (select j.id, j.run_at, j.attempt, j.traceparent, j.account_id, j.attempt > j.redriven as has_started,
                           (uuid_hash_extended(j.id, 0) & 1048575)::double precision / 1048576 as portion,
                           j.failures > 1 and 1 < (select count(*) from relink.job_failures f
                                                    where f.job_id = j.id and f.fault = 'vanished') as is_suspect
                      from relink.jobs j
                     where j.queue = $1 and j.workspace_id = l.workspace_id and j.kind = l.kind and j.state = 'waiting' and j.run_at <= $2
                       and (j.run_at, j.id) > (coalesce(l.after_at, '-infinity'), coalesce(l.after_id, '00000000-0000-0000-0000-000000000000'))
                     order by j.run_at, j.id
                     limit l.budget) r) s
     where s.may_start or s.is_last
     limit l.take) j
 order by l.nth, j.run_at, j.id
