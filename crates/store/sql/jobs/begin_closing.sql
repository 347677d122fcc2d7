-- Before a claim that closes: shows as long as the transaction lasts that something of this kind is being done (drain), and
-- remembers what it could see.
select pg_advisory_xact_lock_shared(7266, hashtext($1)), set_config('relink.claimed_by', pg_current_snapshot()::text, true)
