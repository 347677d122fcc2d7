-- $1 queues · $2 kinds · $3 workspace · $4 accounts · $5 at
-- Pauses that keep work of a workspace's accounts from starting, one with a ramp until that is over (R-Q-1). What covers
-- what is as relink.pauses_over has it; a test holds the two together.
select p.id, p.scope, p.target, p.mode, p.paused_at, p.paused_by, p.why, p.ends_at, p.lifted_at, p.ramp_until
  from relink.pauses p
 where p.over_at > $5
   and case p.scope when 'everything' then true
                    when 'queue' then p.target = any ($1::text[])
                    when 'kind' then p.target = any ($2::text[])
                    when 'workspace' then p.target = $3::uuid::text
                    else p.target = any ($4::uuid[]::text[]) end
 order by p.paused_at, p.id
