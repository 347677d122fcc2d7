-- Sends that have their capacity and are not called yet.
select s.account_id, s.id from relink.sends s where s.account_id = any ($1::uuid[]) and s.state = 'reserved'
