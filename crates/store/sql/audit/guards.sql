-- Guards that are missing, not ALWAYS, or that call something else; and rows where no month has a partition.
with wanted (tab, trigger, calls) as (
    values ('relink.account_audit'::regclass, 'chain', 'relink.chain_audit()'),
           ('relink.account_audit'::regclass, 'no_change', 'relink.refuse()'),
           ('relink.account_audit'::regclass, 'no_truncate', 'relink.refuse()'),
           ('relink.accounts'::regclass, 'step_status_version', 'relink.step_status_version()'),
           ('relink.accounts'::regclass, 'flip_paired_insert', 'relink.check_pairing()'),
           ('relink.accounts'::regclass, 'flip_paired_update', 'relink.check_pairing()'),
           ('relink.accounts'::regclass, 'no_delete', 'relink.refuse()'),
           ('relink.accounts'::regclass, 'no_truncate', 'relink.refuse()'),
           ('relink.audit_heads'::regclass, 'audit_paired', 'relink.check_pairing()'),
           ('relink.audit_heads'::regclass, 'only_by_audit', 'relink.refuse_outside_trigger()'),
           ('relink.audit_heads'::regclass, 'no_delete', 'relink.refuse()'),
           ('relink.audit_heads'::regclass, 'no_truncate', 'relink.refuse()')
    union all
    select i.inhrelid::regclass, g.trigger, g.calls
      from pg_inherits i
     cross join (values ('chain', 'relink.chain_audit()'), ('no_change', 'relink.refuse()'),
                        ('no_truncate', 'relink.refuse()')) as g(trigger, calls)
     where i.inhparent = 'relink.account_audit'::regclass
)
select format('trigger %s on %s %s', w.trigger, w.tab,
              case when t.tgenabled is null then 'is missing'
                   when t.tgenabled <> 'A' then 'is in state ' || t.tgenabled::text
                   else 'calls ' || t.tgfoid::regprocedure end) as finding
  from wanted w
  left join pg_trigger t on t.tgrelid = w.tab and t.tgname = w.trigger
 where t.tgenabled is distinct from 'A' or t.tgfoid <> w.calls::regprocedure
union all
select format('%s rows in the default partition: no partition was made for their month', count(*))
  from relink.account_audit_default having count(*) > 0
