-- What accounts did by hand since $1, by action.
select action as word, sum(count)::bigint as count from relink.sends_by_hand where at > $1 group by action
