select count(*) as sightings from relink.sightings t where t.writer = any ($1)
