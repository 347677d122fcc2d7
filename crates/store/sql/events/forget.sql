-- $1 before · $2 limit
select relink.forget_provider_events(p_before => $1, p_limit => $2) as forgotten
