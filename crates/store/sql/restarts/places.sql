-- $1 workspaces · $2 minute
-- Places that the fleet and these workspaces have taken of this minute and later ones.
select p.minute, p.workspace_id, p.taken from relink.restart_places p
 where p.workspace_id = any ($1) and p.minute >= $2
