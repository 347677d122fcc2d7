-- R-CAM-7: how far behind its place in line a step may go without a person's word.
alter table relink.campaigns
    add column max_lateness interval not null default interval '14 days' check (max_lateness > interval '0');
-- Since when an enrollment is later than its campaign allows, and waits for a person; null: it is not.
alter table relink.enrollments add column if not exists overdue_since timestamptz;

grant update (overdue_since) on relink.enrollments to relink_worker;

-- Dead letters are told by kind and cause: such an alert is read once none of its kind and cause is left. Alerts of builds
-- before it name one job.
create or replace function relink.note_dead(p_audit uuid, p_actor text, p_action text, p_jobs uuid[], p_detail jsonb, p_reason text)
    returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
    perform relink.note_operation(p_audit, p_actor, p_action, case when cardinality(p_jobs) = 1 then p_jobs[1]::text else '' end,
        p_reason, p_detail || jsonb_build_object('count', cardinality(p_jobs), 'jobs', to_jsonb(p_jobs)));
    with named as (
        select j.id, j.kind,
               (select f.fault from relink.job_failures f where f.job_id = j.id order by f.at desc, f.attempt desc limit 1) as fault
          from relink.jobs j where j.id = any (p_jobs)
    ), causes as (
        select n.kind, n.fault
          from (select distinct d.kind, d.fault from named d) n
         where not exists (
            select from relink.jobs o
             where o.state = 'dead' and o.kind = n.kind and o.id <> all (p_jobs)
               and n.fault = (select f.fault from relink.job_failures f
                               where f.job_id = o.id order by f.at desc, f.attempt desc limit 1))
    ), subjects as (
        select kind || ' ' || id::text as subject from named
        union all select kind || ' ' || fault from causes
    )
    update relink.admin_alerts a set acked_at = relink.clock(), acked_by = p_actor
      from subjects s
     where a.code = 'dead_letter' and a.subject = s.subject and a.acked_at is null;
end $$;
