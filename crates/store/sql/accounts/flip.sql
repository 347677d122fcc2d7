-- $1 account_id · $2 version · $3 from_status · $4 to_status · $5 cause · $6 observed_at · $7 evidence · $8 session_id
-- $9 identity · $10 at · $11 actor · $12 job · $13 checkpoint · $14 outage_from · $15 outage_until
-- Writes accounts.status for every duty; beside it relink.open_attempt begins a link, and nothing else does. Each changed row
-- gets its audit row here; rows that have moved on since the decision's facts, or that flipped after the observation, are left
-- alone (R-ST-2). A flip out of `connected` begins an episode, one into `connected` or `disconnected` ends it (R-LNK-7).
with wanted as (
    select account_id, version, from_status, to_status, cause, observed_at, evidence, session_id, identity, checkpoint, outage_from, outage_until
      from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::jsonb[],
                  $8::text[], $9::text[], $13::text[], $14::timestamptz[], $15::timestamptz[])
           as w(account_id, version, from_status, to_status, cause, observed_at, evidence, session_id, identity, checkpoint,
                outage_from, outage_until)
), flipped as (
    update relink.accounts a
       set status = w.to_status::relink.account_status,
           status_since = $10,
           -- R-DIS-4: a disconnected account keeps the name of its session, no longer its link.
           session_id = case when w.to_status = 'disconnected' then null else coalesce(w.session_id, a.session_id) end,
           kept_session = case when w.to_status = 'disconnected' then coalesce(a.session_id, a.kept_session)
                               when w.to_status = 'connected' then null else a.kept_session end,
           identity = coalesce(a.identity, w.identity),
           -- Kept when it was left unanswered: asked again in the same words it is no news (R-ST-5).
           checkpoint = case when w.to_status = 'action_required' then w.checkpoint
                             when w.to_status in ('connecting', 'connected', 'disconnected') then null
                             else a.checkpoint end,
           verified_at = case when w.to_status = 'connected' then $10 else a.verified_at end,
           first_connected_at = case when w.to_status = 'connected' then coalesce(a.first_connected_at, $10)
                                     else a.first_connected_at end,
           lost_at = case when w.from_status = 'connected' then $10 when w.to_status = 'connected' then null else a.lost_at end,
           -- R-HEAL-4. Decided by policy::sends::ramp::remembered; none where no outage ends.
           outage_from = coalesce(w.outage_from, a.outage_from),
           outage_until = coalesce(w.outage_until, a.outage_until)
      from wanted w
     where a.id = w.account_id and a.status_version = w.version
       and a.status = w.from_status::relink.account_status
       and a.status_since <= w.observed_at
       -- R-LNK-5, R-DIS-4: nobody else has or kept that session, or is that person; as accounts/claimants.sql names them.
       and not exists (select from relink.accounts o where o.session_id = w.session_id and o.id <> a.id)
       and not exists (select from relink.accounts o where o.kept_session = w.session_id and o.id <> a.id)
       and not exists (select from relink.accounts o where o.identity = w.identity and o.id <> a.id
                          and (o.workspace_id <> a.workspace_id or o.status <> 'disconnected'))
    returning a.id, a.status_version, w.from_status, w.to_status, w.cause, w.evidence, w.observed_at, a.identity
), ended as (
    update relink.episodes e
       set ended_at = $10,
           -- R-ANA-1: an attempt of its owner's, else the newest restart that the provider took, else nobody of ours.
           returned_by = case when f.to_status <> 'connected' then null
               when f.from_status = 'connecting' or exists (
                    select from relink.link_attempts k
                     where k.account_id = e.account_id and k.started_at >= e.began_at
                       and (k.closed_at is null or k.outcome in ('linked', 'repaired'))) then 'owner'
               else coalesce((select case when r.rung > 0 then 'restart' else 'operator' end from relink.restarts r
                               where r.account_id = e.account_id and r.state = 'restarted' and r.called_at >= e.began_at
                               order by r.called_at desc limit 1), 'provider') end
      from flipped f
     where e.account_id = f.id and e.ended_at is null and f.to_status in ('connected', 'disconnected')
), began as (
    insert into relink.episodes (account_id, began_version, began_at, cause, ended_at)
    select id, status_version, $10, cause, case when to_status = 'disconnected' then $10 end
      from flipped
     where from_status = 'connected'
    -- One that is open still goes on, whoever left it so: an odd row must not stop the flips beside it.
    on conflict do nothing
)
insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor, job_id, evidence)
select id, status_version, $10, from_status::relink.account_status, to_status::relink.account_status, cause, $11, $12,
       evidence || jsonb_build_object('observed_at', observed_at, 'person', relink.person_digest(identity))
  from flipped
returning account_id, from_status::text as from_status, to_status::text as to_status
