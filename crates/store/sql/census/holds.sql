-- Holds in force, by reason.
select reason as word, count(*) as count
  from relink.account_holds
 where ended_at is null and (ends_at is null or ends_at > $1)
 group by reason
