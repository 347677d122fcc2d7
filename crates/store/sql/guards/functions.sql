select p.proname as name, p.prosrc as body, p.prosecdef as is_definer
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname = 'relink'
