select p.proname as name, p.prosrc as body,
       concat_ws(' ', case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
                 case when p.proisstrict then 'strict' end, case when p.prosecdef then 'security definer' end,
                 'set ' || array_to_string(p.proconfig, ' set ')) as manner
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname = 'relink'
