-- $1 slot · $2 cases_max · $3 at · $4 only
-- Of the absences that could open a case, this run takes the first `cases_max`; each of its cases asks the provider again
-- and again. Those whose session answered within the hour are not among them, so that others have their turn.
with openable as (
    select p.account_id, row_number() over (order by p.account_id) as place
      from relink.watch_proposals p
     where p.slot = $1 and p.class = 'absent' and not p.applied
       and not exists (select from relink.cases c
                        where c.session_id = p.session_id
                          and (c.closed_at is null or c.closed_at > $3::timestamptz - interval '1 hour'))
)
update relink.watch_proposals p set applied = true
  from openable o
 where p.slot = $1 and p.account_id = o.account_id and o.place > $2::bigint
   and ($4::uuid[] is null or p.account_id = any ($4))
