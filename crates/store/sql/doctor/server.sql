select current_setting('server_version_num')::integer as version, current_setting('server_version') as version_text,
       session_user::text as login, current_database()::text as database, current_setting('TimeZone') as zone,
       current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
       current_setting('synchronous_commit') as synchronous_commit, pg_is_in_recovery() as is_standby,
       current_setting('default_transaction_read_only') as default_read_only,
       current_setting('max_connections')::integer as connections_max,
       current_setting('superuser_reserved_connections')::integer
           + coalesce(current_setting('reserved_connections', true), '0')::integer as connections_reserved,
       -- What pg_stat_activity says of other logins' sessions, not every login may read.
       (select coalesce(sum(s.numbackends), 0) from pg_stat_database s)::integer as connections_used,
       (select rolconnlimit from pg_roles where rolname = session_user) as connections_of_login,
       (select datconnlimit from pg_database where datname = current_database()) as connections_of_database,
       coalesce((select s.ssl from pg_stat_ssl s where s.pid = pg_backend_pid()), false) as is_secured,
       array(select r.rolname::text from pg_roles r
              where r.rolname in ('relink_worker', 'relink_scheduler', 'relink_reader', 'relink_operator')
                and pg_has_role(session_user, r.oid, 'member') order by r.rolname) as member_of,
       to_regnamespace('relink') is not null as has_schema,
       exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = 'relink' and c.relname = 'schema_history') as has_history,
       to_regnamespace('relink') is not null
           and has_schema_privilege(to_regnamespace('relink')::oid, 'USAGE') as may_use_schema
