-- Before a claim that leases: a pause waits for whoever holds this, and whoever comes after the pause waits for it (V0014).
select pg_advisory_xact_lock_shared(7265, 1)
