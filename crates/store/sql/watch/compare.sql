-- $1 slot · $2 first · $3 last · $4 status · $5 health · $6 class · $7 to_status · $8 cause
-- One range of shards against the sessions seen in this run. What a status and a health together mean is policy's
-- table (`status` … `cause`); here it is only joined. Rows whose status agrees with what was seen are not written.
insert into relink.watch_proposals
       (slot, account_id, class, version, from_status, to_status, cause, session_id, observed_at, words)
select $1, a.id, coalesce(p.class, 'absent'), a.status_version, a.status, p.to_status::relink.account_status, p.cause,
       a.session_id, coalesce(s.seen_at, r.started_at), coalesce(s.words, '{}')
  from relink.watch_runs r
 cross join relink.accounts a
  left join relink.sessions_seen s on s.session_id = a.session_id and s.slot = $1
  left join unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
         as p(status, health, class, to_status, cause)
    on p.status = a.status::text and p.health = s.health
 where r.slot = $1
   and a.shard between $2 and $3
   and a.session_id is not null
   and a.status_since <= coalesce(s.seen_at, r.started_at)
   and (p.class is not null
        or (r.is_whole and s.session_id is null and a.status in ('connected', 'reconnect_needed', 'action_required', 'recovering')))
on conflict do nothing
