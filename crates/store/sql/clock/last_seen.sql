select greatest((select max(recorded_at) from relink.account_audit), (select max(created_at) from relink.jobs)) as at
