-- Alerts that nobody acknowledged, by code.
select code as word, count(*) as count from relink.admin_alerts where acked_at is null group by code
