select relink.ensure_audit_partitions(3) as made
