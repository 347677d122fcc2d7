-- Each of our roles, whether it is there, and what of it is wrong.
select w.name, r.rolname is not null as is_there,
       case when w.name = 'relink_owner' and r.rolcanlogin then 'it can log in'
            when w.name <> 'relink_owner' and not r.rolcanlogin then 'it cannot log in'
            when r.rolsuper then 'it is a superuser'
            when r.rolcreatedb or r.rolcreaterole or r.rolreplication or r.rolbypassrls then 'it may more than any of ours needs'
            when w.name <> 'relink_owner' and pg_has_role(r.oid, (select o.oid from pg_roles o where o.rolname = 'relink_owner'), 'member')
                then 'it can act as relink_owner' end as wrong
  from unnest(array['relink_owner', 'relink_worker', 'relink_scheduler', 'relink_reader', 'relink_operator']) as w(name)
  left join pg_roles r on r.rolname = w.name
 order by w.name
