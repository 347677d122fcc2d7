select pg_notify('relink_closed', '')
