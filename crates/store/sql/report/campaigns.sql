select (select count(*) from relink.campaigns c where c.active and not exists (
            select from relink.campaign_pauses p where p.campaign_id = c.id and p.lifted_at is null)) as running,
       coalesce((select jsonb_object_agg(reason, campaigns) from (
            select reason, count(*) as campaigns from relink.campaign_pauses where lifted_at is null group by reason) p),
            '{}') as paused
