-- Accounts that are held because their session may be gone.
select account_id as id from relink.account_holds where reason = 'session_gone' and ended_at is null order by account_id
