-- $1 lost_before
-- What a run did, counted from the rows alone. Imported rows are not counted as losses or reconnects.
select
    (select coalesce(sum(status_version), 0)::bigint from relink.accounts) as flips,
    (select count(*) from relink.account_audit) as flip_audit_rows,
    (select count(*) from relink.jobs) as jobs_enqueued,
    (select count(*) from relink.jobs where state = 'done') as jobs_finished,
    (select count(*) from relink.jobs where state in ('waiting', 'leased')) as jobs_waiting,
    (select count(*) from relink.jobs where state = 'dead') as dead_letters,
    -- Due long before and not taken, or leased to nobody: no honest reason is left. A slot of yesterday that is caught up
    -- is due from its making on.
    (select count(*) from relink.jobs j
      where (j.state = 'waiting' and greatest(j.run_at, j.created_at) < $1::timestamptz and j.left_at is null
             and not exists (select from relink.pauses p where p.lifted_at is null))
         or (j.state = 'leased' and j.leased_until < $1::timestamptz)) as jobs_lost,
    -- One job may flip an account once, and a poll exists once.
    (select count(*) from (select 1 from relink.account_audit where job_id is not null
                            group by job_id, account_id having count(*) > 1) twice) as effects_duplicated,
    (select count(*) from relink.account_audit where from_status = 'connected') as losses,
    (select count(*) from relink.account_audit where to_status = 'connected' and cause = 'verified') as reconnects,
    (select count(*) from relink.campaign_pauses
      where reason = 'account_disconnected' and lifted_at is not null) as campaigns_healed,
    (select count(*) from relink.account_audit where cause = 'orphan_linked') as orphans_linked,
    (select count(*) from relink.cases where verdict = 'confirmed') as cases_confirmed,
    (select count(*) from relink.admin_alerts where acked_at is null) as alerts
