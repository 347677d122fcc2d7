update relink.duties set alerted_at = $2 where duty = any ($1)
