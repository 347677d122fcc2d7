-- $1 since · $2 at · $3 held_until
-- First notices by cause that came due since then, and those that were held back since then.
select n.cause, count(*) as firsts
  from relink.notices n
 where n.step = 0 and n.due_at > $1 and n.due_at <= $3 and (n.due_at <= $2 or n.held_at > $1) and n.cause is not null
 group by n.cause
