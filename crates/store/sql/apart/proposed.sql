-- $1 slot
-- Accounts for which a run proposes something.
select account_id as id from relink.watch_proposals where slot = $1 order by account_id
