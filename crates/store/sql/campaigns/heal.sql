-- $1 id · $2 version · $3 at · $4 actor
-- Lifts exactly the pauses that were decided on, if nothing asserted them since, and starts the failure-rate window
-- anew (R-HEAL-1, R-HEAL-2).
with lifted as (
    update relink.campaign_pauses p
       set lifted_at = $3, lifted_by = $4
      from unnest($1::uuid[], $2::integer[]) as h(id, version)
     where p.id = h.id and p.version = h.version and p.lifted_at is null and p.reason = 'account_disconnected'
    returning p.campaign_id
)
update relink.campaigns c set failures_from = $3 from lifted l where c.id = l.campaign_id
returning c.id as campaign_id
