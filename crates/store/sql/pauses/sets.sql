-- Transactions that are doing sets of jobs of these kinds ($1; null: of any): each holds the lock of jobs/claim_closing.
select l.virtualtransaction as holder
  from pg_locks l
 where l.locktype = 'advisory' and l.classid = 7266 and l.objsubid = 2 and l.granted
   and l.database = (select d.oid from pg_database d where d.datname = current_database())
   and ($1::text[] is null or l.objid in (select hashtext(k.name)::oid from unnest($1::text[]) as k(name)))
