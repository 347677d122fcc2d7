select f.id, f.name, f.enabled_at, f.ends_at, f.enabled_by, f.reason, f.ended_at, f.ended_by,
       f.ended_at is null and f.ends_at > $1 as in_force
  from relink.flags f order by f.enabled_at desc limit 50
