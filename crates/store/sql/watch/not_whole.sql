-- Something in the list could not be named: whoever is absent from it may be that.
update relink.watch_runs set is_whole = false where slot = $1
