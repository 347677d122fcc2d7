insert into relink.schedules (name, every_s)
select * from unnest($1::text[], $2::bigint[])
on conflict (name) do update set every_s = excluded.every_s where schedules.every_s <> excluded.every_s
