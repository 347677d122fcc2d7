-- Accounts that looks of account.check called lost within the hour, and those with a linked session (R-WAT-3).
select (select count(*) from relink.account_audit u
         where u.to_status in ('reconnect_needed', 'recovering') and u.recorded_at > $1::timestamptz - interval '1 hour'
           and u.evidence ->> 'source' = 'account.check') as losses,
       (select count(*) from relink.accounts f where f.session_id is not null and f.status <> 'disconnected') as fleet
