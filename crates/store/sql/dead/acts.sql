-- What operators did about a dead letter.
select o.id, o.at, o.actor, o.action, o.reason
  from relink.operator_audit o
 where o.action like 'dead.%' and o.detail -> 'jobs' @> to_jsonb(array[$1::uuid]) order by o.at, o.id
