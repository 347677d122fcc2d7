-- $1 slot · $2 unnamed · $3 unnamed_max
-- Something in the list could not be named: whoever is absent from it may be that.
update relink.watch_runs
   set unnamed = unnamed + $2, is_whole = is_whole and unnamed + $2 <= $3
 where slot = $1
