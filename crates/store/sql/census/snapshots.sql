-- The oldest snapshot that anybody holds of this database, in transactions since, and by whom; and dead rows of the table of
-- jobs: what a snapshot may still see cannot be cleaned away, and every look reads past it.
select coalesce(held.age, 0)::bigint as age, coalesce(held.holder, '') as holder,
       pg_stat_get_dead_tuples('relink.jobs'::regclass) as dead_rows
  from (select) one
  left join lateral (
    select age(s.xmin) as age, s.holder
      from (select a.backend_xmin as xmin,
                   'process ' || a.pid || ' of ' || coalesce(a.usename, '-') || ' (' || a.application_name || ')' as holder
              from pg_stat_activity a
             where a.backend_xmin is not null and a.pid <> pg_backend_pid()
               and (a.datname = current_database() or a.datname is null)
            union all
            select p.transaction, 'prepared transaction ' || quote_literal(p.gid)
              from pg_prepared_xacts p where p.database = current_database()
            union all
            select r.xmin, 'replication slot ' || r.slot_name from pg_replication_slots r where r.xmin is not null) s
     order by age(s.xmin) desc
     limit 1) held on true
