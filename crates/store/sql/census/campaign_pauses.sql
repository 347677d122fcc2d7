-- Open pauses by reason; a campaign has each reason once.
select reason as word, count(*) as count from relink.campaign_pauses where lifted_at is null group by reason
