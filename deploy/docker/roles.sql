-- Passwords of the roles that `relink migrate` made. Read from files, so that they stand in no command line and no log.
\set worker `cat /run/secrets/worker-password`
\set scheduler `cat /run/secrets/scheduler-password`
\set operator `cat /run/secrets/operator-password`
\set reader `cat /run/secrets/reader-password`
set log_statement = 'none';
set log_min_error_statement = 'panic';
alter role relink_worker password :'worker';
alter role relink_scheduler password :'scheduler';
alter role relink_operator password :'operator';
alter role relink_reader password :'reader';
