-- $1 kind · $2 made_at · $3 at · $4 within_s · $5 link_life_s · $6 name_life_s
-- Every account that never had a session or a person, and in the time of one of whose attempts one of those sessions was made,
-- give or take `within_s`: whichever workspace, whatever it declared, whatever became of the attempt. Rules say later who of
-- them fits. No link outlives its name, so what began longer ago than `name_life_s` is not read.
with made as (
    select upper(m.kind) as kind, m.made_at
      from unnest($1::text[], $2::timestamptz[]) as m(kind, made_at)
), span as (
    select min(m.made_at) - make_interval(secs => $4) as first, max(m.made_at) + make_interval(secs => $4) as last from made m
)
select a.id
  from span s
  join relink.link_attempts l
    on l.started_at between s.first - make_interval(secs => $6) and s.last and l.link_ends_at >= s.first
  join relink.accounts a on a.id = l.account_id
 where l.ends_at > $3
   and a.status in ('connecting', 'missing', 'reconnect_needed', 'action_required')
   and a.session_id is null and a.kept_session is null and a.identity is null
   and exists (select from made m
                where m.kind = upper(a.kind)
                  and m.made_at between l.started_at - make_interval(secs => $4) and l.link_ends_at + make_interval(secs => $4))
union
select a.id
  from relink.accounts a
 where a.status = 'connecting' and a.session_id is null and a.kept_session is null and a.identity is null
   and not exists (select from relink.link_attempts l where l.account_id = a.id)
   and exists (select from made m
                where m.kind = upper(a.kind)
                  and m.made_at between a.status_since - make_interval(secs => $4)
                                    and a.status_since + make_interval(secs => $5 + $4))
