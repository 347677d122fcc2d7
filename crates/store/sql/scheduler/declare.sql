insert into relink.schedules (name, every_s)
select name, every_s from unnest($1::text[], $2::bigint[]) as s(name, every_s)
 where not exists (select from relink.schedules k where k.name = s.name and k.every_s = s.every_s)
 order by name
on conflict (name) do update set every_s = excluded.every_s where schedules.every_s <> excluded.every_s
