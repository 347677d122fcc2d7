-- What this login may that no runtime role may.
select array_remove(array[
           case when r.rolsuper then 'the login ' || session_user || ' is a superuser' end,
           case when not r.rolsuper and pg_has_role(session_user, 'relink_owner', 'member')
                then 'the login ' || session_user || ' can act as the owner' end]
       || array(select format('the login %s may %s relink.%s', session_user, p.may, c.relname)
                  from pg_class c cross join unnest(array['DELETE', 'TRUNCATE', 'TRIGGER']) as p(may)
                 where c.relnamespace = 'relink'::regnamespace and c.relkind in ('r', 'p') and not r.rolsuper
                   and has_table_privilege(session_user, c.oid, p.may) order by c.relname, p.may limit 10)
       || array(select format('the login %s owns relink.%s', session_user, c.relname)
                  from pg_class c where c.relnamespace = 'relink'::regnamespace and c.relowner = r.oid limit 10),
       null) as findings
  from pg_roles r where r.rolname = session_user
