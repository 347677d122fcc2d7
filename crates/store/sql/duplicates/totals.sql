select count(*) as identities, coalesce(sum(t.sessions), 0)::bigint as sessions,
       coalesce(sum(t.sessions - t.linked), 0)::bigint as inert,
       count(*) filter (where t.linked > 1) as several_linked, count(*) filter (where t.linked = 0) as none_linked
  from (select count(*) as sessions, count(a.id) as linked
          from relink.sessions_seen s
          left join relink.accounts a on a.session_id = s.session_id
         where s.gone_slot is null and s.identity is not null
         group by s.kind, s.identity
        having count(*) > 1) t
