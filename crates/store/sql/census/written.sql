-- $1 name
-- How many rows each table, with its partitions, was told to write since the server's own counters began, as a text: while that
-- is the same, nothing was written but what was committed in the last seconds. Null where the server does not count.
select t.name,
       case when current_setting('track_counts')::boolean
            then concat_ws('/', sum(pg_stat_get_tuples_inserted(w.id)), sum(pg_stat_get_tuples_updated(w.id)),
                           sum(pg_stat_get_tuples_deleted(w.id))) end as written
  from (select n.name, ('relink.' || n.name)::regclass as id from unnest($1::text[]) as n(name)) t
 cross join lateral (select t.id union select p.relid from pg_partition_tree(t.id) p) w
 group by t.name
 order by t.name
