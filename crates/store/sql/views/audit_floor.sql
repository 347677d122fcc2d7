-- The greatest id of an audit row that is older than an instant.
select coalesce((select max(a.id) from relink.account_audit a where a.recorded_at < $1), 0) as floor
