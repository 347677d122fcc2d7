-- What a transaction does after its claim waits for locks as any work does.
set local lock_timeout to default
