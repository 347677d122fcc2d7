-- The campaigns that an account sends for.
select c.id, c.name, c.active, s.in_rotation,
       array(select p.reason from relink.campaign_pauses p
              where p.campaign_id = c.id and p.lifted_at is null order by p.reason) as pauses
  from relink.campaign_senders s
  join relink.campaigns c on c.id = s.campaign_id
 where s.account_id = $1
 order by c.name, c.id
