-- Rows that a scan of the fleet looks at: counted while they are few, and the server's own estimate once they are many.
select greatest(a.rows, c.rows)::bigint as rows
  from (select case when t.reltuples > 100000 then t.reltuples
                    else (select count(*) from (select from relink.accounts limit 200000) r) end as rows
          from pg_class t where t.oid = 'relink.accounts'::regclass) a
 cross join (select case when t.reltuples > 100000 then t.reltuples
                         else (select count(*) from (select from relink.campaigns limit 200000) r) end as rows
               from pg_class t where t.oid = 'relink.campaigns'::regclass) c
