-- $1 duty · $2 every_s · $3 queues · $4 kinds · $5 at
-- Lists of queues and kinds are joined by spaces. Nobody expected anything of a duty before it was first declared. What stands
-- there already is not locked, and the rest in one order, as in duties/observe.sql: a leader does both at once.
insert into relink.duties (duty, every_s, queues, kinds, counted_from)
select d.duty, d.every_s, string_to_array(d.queues, ' '), string_to_array(d.kinds, ' '), $5
  from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) as d(duty, every_s, queues, kinds)
 where not exists (select from relink.duties k
                    where k.duty = d.duty and k.every_s = d.every_s and k.queues = string_to_array(d.queues, ' ')
                      and k.kinds = string_to_array(d.kinds, ' '))
 order by d.duty
on conflict (duty) do update set every_s = excluded.every_s, queues = excluded.queues, kinds = excluded.kinds
 where (duties.every_s, duties.queues, duties.kinds) is distinct from (excluded.every_s, excluded.queues, excluded.kinds)
