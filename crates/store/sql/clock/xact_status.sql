-- $1 xid · $2 server that gave it: of any other the number says nothing
select case when extract(epoch from pg_postmaster_start_time())::text = $2::text then pg_xact_status($1::text::xid8) end as status
