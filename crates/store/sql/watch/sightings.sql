select count(*) as sightings from relink.sightings t where coalesce(t.writer = any ($1), false)
