-- Attempts that are over: their name is not valid any more, or a newer one of the account is open.
select l.id,
       case when exists (select from relink.link_attempts n
                          where n.account_id = l.account_id and n.started_at > l.started_at)
            then 'superseded' else 'expired' end as outcome
  from relink.link_attempts l
 where l.closed_at is null and l.ends_at <= $1
union
select l.id, 'superseded'
  from relink.link_attempts l
 where l.closed_at is null
   and exists (select from relink.link_attempts n
                where n.account_id = l.account_id and n.closed_at is null and n.started_at > l.started_at)
 limit $2
