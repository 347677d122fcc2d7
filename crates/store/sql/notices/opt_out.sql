-- The owner of an account wants no more mails; whether there is one.
select relink.opt_out($1) as is_known
