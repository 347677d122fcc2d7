-- Every account, as far as it must be connected when its session is well (R-ST-5). For small fleets.
select a.id, a.name, a.status::text as status, a.session_id, a.identity, a.handle, t.session_id as attempt_session,
       exists (select from relink.account_holds h
                where h.account_id = a.id and h.reason = 'wrong_account' and h.ended_at is null) as is_strangers
  from relink.accounts a
  left join lateral (select l.session_id from relink.link_attempts l
                      where l.account_id = a.id and l.closed_at is null
                      order by l.started_at desc limit 1) t on true
