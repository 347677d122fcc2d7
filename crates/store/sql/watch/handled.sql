update relink.watch_proposals set applied = true where slot = $1 and account_id = any ($2)
