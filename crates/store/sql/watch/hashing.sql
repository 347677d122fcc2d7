-- Until the transaction ends: whole tables are hashed in memory ($1), by one process. The planner, who has no statistics of a
-- table that was filled a moment ago, would rather walk through an index a million times, or compile; and of a cursor he
-- would expect that only its first rows are wanted.
select set_config('work_mem', $1, true), set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true), set_config('cursor_tuple_fraction', '1', true)
