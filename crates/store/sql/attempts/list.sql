-- $1 account · $2 attempt · $3 limit
-- An account's attempts, or one of them, the newest first.
select l.id, l.state, l.purpose, l.asked_by, l.started_at, l.minted_at, l.link_ends_at, l.ends_at, l.answered_at, l.closed_at,
       l.superseded_by, l.mint_no, l.failure
  from relink.link_attempts l
 where l.account_id = $1 and ($2::uuid is null or l.id = $2)
 order by l.started_at desc, l.id desc
 limit $3
