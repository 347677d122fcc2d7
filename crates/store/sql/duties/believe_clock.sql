update relink.duties d
   set counted_from = least(d.counted_from, $1), conclusive_at = least(d.conclusive_at, $1),
       tried_at = least(d.tried_at, $1), alerted_at = least(d.alerted_at, $1)
 where greatest(d.counted_from, d.conclusive_at, d.tried_at, d.alerted_at) > $1
