select h.version::bigint as version, h.name, h.checksum from relink.schema_history h order by h.version
