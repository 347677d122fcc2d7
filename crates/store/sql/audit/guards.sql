-- Guards that are missing or not ALWAYS, and rows where no month has a partition.
select format('trigger %s on %s is %s', w.trigger, w.tab, coalesce('in state ' || t.tgenabled::text, 'missing')) as finding
  from (values ('account_audit', 'chain'), ('account_audit', 'no_change'), ('account_audit', 'no_truncate'),
               ('accounts', 'step_status_version'), ('accounts', 'flip_paired_insert'), ('accounts', 'flip_paired_update'),
               ('accounts', 'no_delete'), ('accounts', 'no_truncate'),
               ('audit_heads', 'audit_paired'), ('audit_heads', 'only_by_audit'), ('audit_heads', 'no_delete'),
               ('audit_heads', 'no_truncate')) as w(tab, trigger)
  left join pg_trigger t on t.tgrelid = ('relink.' || w.tab)::regclass and t.tgname = w.trigger
 where t.tgenabled is distinct from 'A'
union all
select format('trigger %s on partition %s is %s', g.name, i.inhrelid::regclass, coalesce('in state ' || t.tgenabled::text, 'missing'))
  from pg_inherits i
 cross join (values ('chain'), ('no_change'), ('no_truncate')) as g(name)
  left join pg_trigger t on t.tgrelid = i.inhrelid and t.tgname = g.name
 where i.inhparent = 'relink.account_audit'::regclass and t.tgenabled is distinct from 'A'
union all
select format('%s rows in the default partition: no partition was made for their month', count(*))
  from relink.account_audit_default having count(*) > 0
