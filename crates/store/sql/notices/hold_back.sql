-- $1 kind · $2 cause · $3 at · $4 look_after
-- Notices of losses that turned out to be the first of a burst, as far as nobody was told yet. Rows that another
-- transaction has in hand are its own.
with early as (
    select n.account_id, n.episode, n.step
      from unnest($1::text[], $2::text[]) as b(kind, cause)
      join relink.notices n on n.cause = b.cause and n.due_at > $3 and n.state = 'planned' and n.step = 0
      join relink.accounts a on a.id = n.account_id and a.kind = b.kind
       for update of n skip locked
)
update relink.notices n
   set due_at = null, look_after = $4
  from early e
 where n.account_id = e.account_id and n.episode = e.episode and n.step = e.step
