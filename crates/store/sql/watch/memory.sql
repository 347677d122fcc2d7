-- Until the transaction ends: whole tables are hashed, and in pieces on disk that takes twice as long.
select set_config('work_mem', $1, true)
