-- $1 removal_id · $2 number · $3 seen · $4 why · $5 control_good · $6 control_why
update relink.removal_looks l set seen = v.seen, why = v.why, control_good = v.control_good, control_why = v.control_why
  from unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::boolean[], $6::text[])
       as v(removal_id, number, seen, why, control_good, control_why)
 where l.removal_id = v.removal_id and l.number = v.number and l.finished_at is null
