-- Whether a transaction begun now may not write: on a standby, or where the server, the database or the login is told so.
select current_setting('transaction_read_only')::boolean as is_read_only
