-- $1 slot · $2 at · $3 only
-- What run $1 says of losses that were stopped: the same once more, another loss, nothing, or that the session is well.
-- Only a list that is whole tells that a session is well; whoever is absent or odd breaks the row of runs.
with said as (
    select t.account_id, t.id, t.state, p.to_status, p.cause, p.observed_at, p.words,
           case when a.status_version <> t.version or a.session_id is distinct from t.session_id then 'moved'
                when p.class = 'loss' and p.to_status = t.to_status and p.cause = t.cause then 'same'
                when p.class = 'loss' then 'other'
                when r.is_whole and coalesce(p.class, 'verify') in ('verify', 'returned') then 'well'
                else 'nothing' end as says
      from relink.stopped_losses t
      join relink.watch_runs r on r.slot = $1
      join relink.accounts a on a.id = t.account_id
      left join relink.watch_proposals p on p.slot = $1 and p.account_id = t.account_id
     where t.state in ('open', 'accepted') or (t.state = 'refused' and t.until > $2)
     order by t.account_id
       for no key update of t
)
update relink.stopped_losses t
   set state = case when t.state = 'refused' then t.state
                    when s.says in ('moved', 'well') then 'withdrawn'
                    when s.says = 'other' then 'open' else t.state end,
       -- Refused while the session keeps saying it: what is said anew is new.
       until = case when t.state = 'refused' and s.says in ('moved', 'well', 'other') then $2 else t.until end,
       ended_at = case when t.state <> 'refused' and s.says in ('moved', 'well') then $2 else t.ended_at end,
       runs = case s.says when 'same' then t.runs + 1 when 'other' then 1 else 0 end,
       last_run = case when s.says in ('same', 'other') then $1 else t.last_run end,
       to_status = case when s.says = 'other' and t.state <> 'refused' then s.to_status else t.to_status end,
       cause = case when s.says = 'other' and t.state <> 'refused' then s.cause else t.cause end,
       observed_at = case when s.says in ('same', 'other') then s.observed_at else t.observed_at end,
       words = case when s.says in ('same', 'other') then s.words else t.words end,
       looked_at = case when s.says = 'same' then t.looked_at end,
       look_agrees = case when s.says = 'same' then t.look_agrees end
  from said s
 where t.account_id = s.account_id and t.id = s.id and ($3::uuid[] is null or t.account_id = any ($3))
