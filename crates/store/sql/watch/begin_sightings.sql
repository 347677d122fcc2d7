select relink.begin_sightings($1) as writer
