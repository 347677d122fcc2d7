select cursor from relink.watch_cursors where slot = $1 and cursor = any ($2)
