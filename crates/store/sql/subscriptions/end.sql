-- An end that has come stays what it is until a renewal; one that is still to come may be moved. What is told late, of a
-- time before the last renewal, is past.
insert into relink.subscriptions (workspace_id, ended_at) values ($1, $2)
on conflict (workspace_id) do update
   set ended_at = excluded.ended_at
 where (subscriptions.ended_at is null or subscriptions.ended_at > $3)
   and (subscriptions.renewed_at is null or subscriptions.renewed_at < excluded.ended_at)
