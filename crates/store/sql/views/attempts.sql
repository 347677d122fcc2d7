-- $1 workspace · $2 account · $3 id · $4 state · $5 before_at · $6 before_id · $7 limit
-- One page of attempts, the newest first; of an account, of a workspace, or of all. The URL of a page is shown to nobody.
select l.id, l.account_id, a.name as account, a.workspace_id, l.purpose, l.state, l.asked_by, l.started_at, l.minted_at,
       l.link_ends_at, l.ends_at, l.answered_at, l.closed_at, l.superseded_by, l.failure
  from relink.link_attempts l
  join relink.accounts a on a.id = l.account_id
 where ($1::uuid is null or a.workspace_id = $1)
   and ($2::uuid is null or l.account_id = $2)
   and ($3::uuid is null or l.id = $3)
   and ($4::text is null or l.state = $4)
   and ($5::timestamptz is null or (l.started_at, l.id) < ($5, $6::uuid))
 order by l.started_at desc, l.id desc
 limit $7
