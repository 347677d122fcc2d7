update relink.jobs
   set left_at = $2
 where id = any ($1) and state = 'waiting' and left_at is null
   and (kind <> all ($3) or version > (select v.version from unnest($3::text[], $4::smallint[]) as v(kind, version)
                                        where v.kind = jobs.kind))
