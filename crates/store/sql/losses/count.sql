-- $1 account_id · $2 cause · $3 at · $4 window_s · $5 history_s · $6 losses_min · $7 times_usual · $8 windows
-- Losses of one transaction by kind and cause, beside those of others; uncommitted ones of others are not seen. What
-- decides nothing is not counted and is 0: the history and the fleet of a few losses, and the fleet where the history
-- alone says that it is a burst, and since when.
with own as (
    select a.kind, l.cause, count(*) as own
      from unnest($1::uuid[], $2::text[]) as l(account_id, cause)
      join relink.accounts a on a.id = l.account_id
     group by a.kind, l.cause
)
select o.kind, o.cause, o.own, e.earlier, h.history, k.accounts
  from own o
 cross join lateral (
       select coalesce(sum(c.losses), 0)::bigint as earlier from relink.loss_counts c
        where c.kind = o.kind and c.cause = o.cause and c.at > $3::timestamptz - make_interval(secs => $4)) e
 cross join lateral (
       select coalesce(sum(c.losses), 0)::bigint as history from relink.loss_counts c
        where $6::bigint < o.own + e.earlier and c.kind = o.kind and c.cause = o.cause
          and c.at > $3::timestamptz - make_interval(secs => $4 + $5)
          and c.at <= $3::timestamptz - make_interval(secs => $4)) h
 cross join lateral (
       select count(*) as accounts from (
              select from relink.accounts a
               where $6 < o.own + e.earlier
                 and case when $6 < e.earlier then e.earlier else o.own + e.earlier end * $8::bigint <= h.history * $7::bigint
                 and a.kind = o.kind and a.status <> 'disconnected'
               limit 20 * (o.own + e.earlier)) counted) k
 order by o.kind, o.cause
