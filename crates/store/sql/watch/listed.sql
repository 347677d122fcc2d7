-- $1 slot · $2 writer · $3 sessions · $4 unnamed · $5 unnamed_max · $6 listed_at
-- A step is closed, and only now what it wrote counts. Something in the list that could not be named may be whoever is
-- absent from it.
update relink.watch_runs
   set writers = writers || $2::integer, sessions = sessions + $3, unnamed = unnamed + $4,
       is_whole = is_whole and unnamed + $4 <= $5, listed_at = $6
 where slot = $1 and listed_at is null and outcome is null
