-- $1 id · $2 version · $3 at · $4 actor
-- Lifts exactly the pauses that were decided on, if nothing asserted them since, and starts the failure-rate window
-- anew (R-HEAL-1, R-HEAL-2). Campaigns are locked before their pauses, by id, as flips lock them.
with named as (
    select p.id, p.campaign_id, h.version
      from unnest($1::uuid[], $2::integer[]) as h(id, version)
      join relink.campaign_pauses p on p.id = h.id
), held as materialized (
    select c.id from relink.campaigns c
     where c.id in (select n.campaign_id from named n)
     order by c.id
       for no key update
), lifted as (
    update relink.campaign_pauses p
       set lifted_at = $3, lifted_by = $4
      from named n join held c on c.id = n.campaign_id
     where p.id = n.id and p.version = n.version and p.lifted_at is null and p.reason = 'account_disconnected'
    returning p.campaign_id
)
update relink.campaigns c set failures_from = $3 from lifted l where c.id = l.campaign_id
returning c.id as campaign_id
