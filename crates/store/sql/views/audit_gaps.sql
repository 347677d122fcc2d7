-- The last id that is committed, and which of the $1 before it are not: on their way, or given up.
with newest as (select coalesce(max(a.id), 0) as id from relink.account_audit a)
select newest.id as last_id,
       array(select n from generate_series(greatest(1, newest.id - $1), newest.id) as n
              where not exists (select from relink.account_audit a where a.id = n)) as gaps
  from newest
