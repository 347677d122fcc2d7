-- Removals by state. There are at most three calls a day.
select state as word, count(*) as count from relink.removals group by state
