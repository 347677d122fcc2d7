-- Jobs wait again that nobody enqueued: the relay looks for all of them. In this transaction, for it happens seldom.
select pg_notify('relink_jobs', '')::text as rung
