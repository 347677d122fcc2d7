-- $1 slot · $2 cases_max · $3 at · $4 only
-- Of the absences that could open a case, this run takes the first `cases_max`; each of its cases asks the provider again
-- and again. Those whose session answered within the hour are not among them, so that others have their turn.
-- The rest are gathered in an array, which is made once: the proposals were written a moment ago, so the planner takes
-- them for a single row and would number them anew for each one of them.
update relink.watch_proposals p set applied = true
 where p.slot = $1
   and p.account_id = any (array(
           select o.account_id
             from relink.watch_proposals o
            where o.slot = $1 and o.class = 'absent' and not o.applied
              and not exists (select from relink.cases c
                               where c.session_id = o.session_id
                                 and (c.closed_at is null or c.closed_at > $3::timestamptz - interval '1 hour'))
            order by o.account_id
           offset $2::bigint))
   and ($4::uuid[] is null or p.account_id = any ($4))
