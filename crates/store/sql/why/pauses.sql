-- Why a campaign does not run (R-CAM-1).
select p.reason, p.paused_at, p.paused_by, p.note
  from relink.campaign_pauses p
 where p.campaign_id = $1 and p.lifted_at is null
 order by p.paused_at, p.reason
