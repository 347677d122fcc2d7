-- Accounts with losses that were stopped and may still go on, or be refused again.
select distinct account_id as id from relink.stopped_losses where state in ('open', 'accepted', 'refused') order by id
