-- $1 slot · $2 account_id · $3 writers · $4 status · $5 attempt · $6 answer · $7 class · $8 to_status · $9 cause · $10 grace_s
-- $11 link_life_s · $12 at
-- Some accounts against the sessions that their run listed. What a status, the state of the newest attempt and an answer
-- mean together is policy's table (`status` … `cause`); here it is only joined. Whose session it is, is looked at beside
-- it (R-ST-6): a stranger goes before everything else, and is never verified. Rows that agree with what was seen are not
-- written. In the order of accounts, as everybody locks them.
with asked as materialized (
    select a.* from unnest($2::uuid[]) as q(account_id) join relink.accounts a on a.id = q.account_id
), seen as materialized (
    -- As in watch/open_changes.sql. Of a session that cannot be read now it is known who it was.
    select distinct on (t.session_id) t.session_id, t.seen_at, t.health, t.is_odd, t.words,
           case when t.rest = '' then (select k.identity from relink.sessions_seen k where k.session_id = t.session_id)
                else t.identity end as identity
      from (select distinct on (k.session_id) k.session_id from asked k) a
      join relink.sightings t on t.session_id = a.session_id
     where coalesce(t.writer = any ($3), false)
     order by t.session_id, t.rest = '', t.seen_at desc, t.ctid desc
)
insert into relink.watch_proposals
       (slot, account_id, class, version, from_status, to_status, cause, session_id, observed_at, words)
select $1, f.account_id, f.class, f.version, f.status,
       case when f.class = 'loss' then f.to_status::relink.account_status end, case when f.class = 'loss' then f.cause end,
       f.session_id, f.observed_at, f.words
  from (select a.id as account_id, a.status_version as version, a.status, a.session_id, o.observed_at, p.to_status, p.cause,
               coalesce(string_to_array(s.words, e'\x1f'), '{}') as words,
               case when w.person = 'stranger' and h.account_id is null then 'stranger'
                    when p.class = 'verify' and w.person = 'stranger' then null
                    when p.class in ('loss', 'absent') then p.class
                    -- Before the rest: an unknown word that stays would keep the hold for ever.
                    when w.person = 'known' and h.account_id is not null then 'returned'
                    when p.class = 'verify' and v.account_id is not null then null
                    when p.class is not null then p.class
                    when s.is_odd then 'unknown'
                end as class
          from relink.watch_runs r
         cross join asked a
          left join seen s on s.session_id = a.session_id
         cross join lateral (select coalesce(s.seen_at, r.started_at) as observed_at) o
         cross join lateral (
             -- A mailbox's address and a member's id are not comparable: whoever is known by the one is no stranger by the other.
             select case when s.identity = a.identity then 'known'
                         when position('@' in s.identity) = 0 and position('@' in a.identity) = 0 then 'stranger'
                         when position('@' in s.identity) = 0 or position('@' in a.identity) = 0 then null
                         when lower(s.identity) = lower(trim(a.identity)) then 'known'
                         when s.identity <> a.identity then 'stranger' end as person) w
          left join lateral (select least(l.closed_at, l.link_ends_at + make_interval(secs => $10)) as ended_at
                               from relink.link_attempts l
                              where l.account_id = a.id
                              order by l.started_at desc, l.id desc limit 1) t on a.status <> 'connected'
          left join relink.account_holds h
            on h.account_id = a.id and h.reason = 'wrong_account' and h.ended_at is null
          -- R-LNK-6. Looks that proved nothing wait longer each time, as `verify::is_due` says.
          left join relink.verifications v
            on v.account_id = a.id and v.session_id = a.session_id and v.tries > 0 and v.next_at > $12
           and not (a.status = 'connecting' and v.version <> a.status_version)
          left join unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
                 as p(status, attempt, answer, class, to_status, cause)
            on p.status = a.status::text
           and p.answer = coalesce(s.health, case when r.is_whole then 'absent' end)
           -- R-LNK-10. An account that connects without any attempt has one that it began with.
           and p.attempt = case when coalesce(t.ended_at, case when a.status = 'connecting'
                                              then a.status_since + make_interval(secs => $10::float8 + $11) end) > o.observed_at
                                then 'open' else 'ended' end
         where r.slot = $1
           and a.session_id is not null
           and a.status <> 'disconnected'
           and a.status_since <= o.observed_at) f
 where f.class is not null
 order by f.account_id
on conflict do nothing
