-- Accounts whose verification has begun.
select account_id as id from relink.verifications where tries > 0 order by account_id
