-- The transaction's number, and the server's start: another server, or this one after a crash, may give the number again.
select pg_current_xact_id_if_assigned()::text as xid, extract(epoch from pg_postmaster_start_time())::text as server
