insert into relink.watch_cursors (slot, cursor)
select $1, c from unnest($2::text[]) as c
on conflict do nothing
