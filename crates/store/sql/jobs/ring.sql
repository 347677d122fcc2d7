-- Wakes the relay: jobs were enqueued ($1), jobs were closed ($2).
select case when $1::boolean then pg_notify('relink_jobs', '') end as enqueued,
       case when $2::boolean then pg_notify('relink_closed', '') end as closed
