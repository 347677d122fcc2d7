select max(h.version)::bigint as version from relink.schema_history h
