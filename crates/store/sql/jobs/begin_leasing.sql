-- Before a claim that leases: a pause waits for whoever holds this, and whoever comes after the pause waits for it (V0014).
-- So whoever holds it waits for nothing: not for a table that a migration changes, nor for a worker that stands still.
select pg_advisory_xact_lock_shared(7265, 1)::text as held,
       set_config('lock_timeout', '250ms', true) as lock_wait,
       set_config('idle_in_transaction_session_timeout', '3s', true) as idle_wait
