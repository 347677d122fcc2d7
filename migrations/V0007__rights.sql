-- Least privilege: the runtime roles own nothing; nobody may DELETE or TRUNCATE what is a record.
revoke all on all tables in schema relink from public;
revoke all on all functions in schema relink from public;
revoke all on all sequences in schema relink from public;

grant usage on schema relink to relink_worker, relink_scheduler, relink_reader;
grant select on all tables in schema relink to relink_worker, relink_scheduler, relink_reader;
grant execute on function relink.clock(), relink.clock_rate(), relink.shard_of(uuid)
    to relink_worker, relink_scheduler, relink_reader;

grant update (status, status_since, session_id, identity, checkpoint, first_connected_at, verified_at, last_activity_at)
    on relink.accounts to relink_worker;
grant insert (account_id, version, at, from_status, to_status, cause, actor, job_id, evidence)
    on relink.account_audit to relink_worker;
grant usage on sequence relink.account_audit_ids to relink_worker;
grant update (session_id, closed_at) on relink.link_attempts to relink_worker;
grant insert on relink.notices to relink_worker;
grant update (failures_from) on relink.campaigns to relink_worker;
grant insert, update on relink.campaign_pauses to relink_worker;
grant update (in_rotation) on relink.campaign_senders to relink_worker;
grant insert, update on relink.watch_runs, relink.sessions_seen, relink.watch_proposals to relink_worker;
grant insert on relink.watch_cursors to relink_worker;
grant insert, update (verdict, closed_at) on relink.cases to relink_worker;
grant insert on relink.case_polls to relink_worker;

grant insert, update on relink.jobs, relink.admin_alerts to relink_worker, relink_scheduler;
grant insert on relink.job_failures to relink_worker, relink_scheduler;
grant insert, update on relink.schedules to relink_scheduler;
grant update on relink.scheduler_lease to relink_scheduler;
grant execute on function relink.ensure_audit_partitions(integer) to relink_scheduler;
