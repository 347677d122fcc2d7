-- R-CAP-7, R-CAP-8: whom the end of a send speaks of, and what of an account rests.

-- How often in a row nothing of the account reached the provider; 0 for every other rule.
alter table relink.send_closed add column streak smallint not null default 0 check (streak >= 0);

-- What is known late is known: whoever called may tell after others have noted that nobody knows.
create or replace function relink.step_send() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
    if tg_op = 'DELETE' then
        raise exception 'send % stays: caps are counted from it', old.id using errcode = '42501';
    end if;
    if (new.account_id, new.id, new.action, new.enrollment_id, new.step, new.step_key)
       is distinct from (old.account_id, old.id, old.action, old.enrollment_id, old.step, old.step_key) then
        raise exception 'send % keeps what it is about', old.id using errcode = '23514';
    end if;
    if new.state <> old.state and not (case old.state
        when 'planned' then new.state in ('reserved', 'cancelled')
        when 'reserved' then new.state in ('sending', 'cancelled')
        when 'sending' then new.state in ('sent', 'refused', 'failed', 'unknown')
        when 'unknown' then new.state in ('sent', 'refused', 'failed')
        else false end) then
        raise exception 'send %: % does not become %', old.id, old.state, new.state using errcode = '23514';
    end if;
    -- Capacity is taken by a reservation, and given back once, by what never happened.
    if new.counted_at is distinct from old.counted_at and not (
        (new.state = 'reserved' and old.state in ('planned', 'reserved') and new.counted_at is not null)
        or (new.counted_at is null and new.refunded_at is not null and old.refunded_at is null)) then
        raise exception 'send %: its capacity is neither taken nor given back in this way', old.id using errcode = '23514';
    end if;
    if old.was_unknown and not new.was_unknown then
        raise exception 'send % was unknown', old.id using errcode = '23514';
    end if;
    return new;
end $$;

-- Settles calls and unknown outcomes, with their audit rows, and moves their enrollments (R-CAP-5). A send in another
-- state than it was decided on is left alone and is not in the answer.
drop function relink.settle_sends(uuid[], uuid[], text[], text[], boolean[], text[], text[], text[], text[], smallint[],
                                  timestamptz[], text[], timestamptz[], boolean[], text[], timestamptz, text, uuid);
create function relink.settle_sends(p_accounts uuid[], p_sends uuid[], p_from text[], p_to text[], p_refunds boolean[],
                                    p_codes text[], p_blames text[], p_notes text[], p_references text[], p_chats text[],
                                    p_usages smallint[], p_look_ats timestamptz[], p_nexts text[], p_agains timestamptz[],
                                    p_odds boolean[], p_whys text[], p_now timestamptz, p_actor text, p_job uuid)
    returns table (account_id uuid, send_id uuid)
    -- In plpgsql, which keeps the plan: a function in SQL is planned anew at every call, and this is called for each send.
    language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
    as $$
#variable_conflict use_column
begin
    return query
with asked as (
    select * from unnest(p_accounts, p_sends, p_from, p_to, p_refunds, p_codes, p_blames, p_notes, p_references, p_chats, p_usages,
                         p_look_ats, p_nexts, p_agains, p_odds, p_whys)
        as q(account_id, send_id, from_state, to_state, refund, code, blame, note, reference, chat, usage, look_at, next, again_at,
             odd, why)
), moved as (
    update relink.sends s
       set state = q.to_state,
           settled_at = p_now,
           counted_at = case when q.refund then null else s.counted_at end,
           refunded_at = case when q.refund then p_now end,
           was_unknown = s.was_unknown or q.to_state = 'unknown',
           code = q.code,
           blame = q.blame,
           reference = coalesce(q.reference, s.reference),
           chat = coalesce(q.chat, s.chat),
           usage = coalesce(q.usage, s.usage),
           -- An unanswered request may still reach the provider, in machine time, of which a fast clock leaves little.
           look_at = case when q.to_state = 'unknown' then greatest(q.look_at, p_now + relink.reservation_life() / 2) end,
           -- Nothing is kept of what was said, once nobody has to look for it.
           subject = case when q.to_state = 'unknown' then s.subject end,
           body = case when q.to_state = 'unknown' then s.body end
      from asked q
     where s.account_id = q.account_id and s.id = q.send_id and s.state = q.from_state
       and q.from_state in ('sending', 'unknown')
    returning s.account_id, s.id, s.enrollment_id, s.step, coalesce(s.step_key, 'step-' || s.step::text) as step_key,
              s.action, s.intent_id, s.due_at, s.counted_at, q.from_state, q.to_state, q.refund,
              q.code, q.note, q.next, q.again_at, q.odd, q.why
), written as (
    insert into relink.send_audit (account_id, send_id, event, intent_id, from_state, to_state, action, code, note, refunded,
                                   actor, job_id)
    select m.account_id, m.id, 'outcome', m.intent_id, m.from_state, m.to_state, m.action, m.code, m.note, m.refund, p_actor,
           p_job
      from moved m
), stepped as (
    update relink.enrollments e
       set step_key = coalesce(n.key, m.step_key),
           state = case when m.next = 'stop' then 'stopped'
                        when m.next = 'advance' and n.key is null then 'done' else 'active' end,
           -- Its place in line is kept; until when it must wait is another fact.
           due_at = case m.next when 'advance' then p_now + n.wait when 'again' then coalesce(m.due_at, p_now) end,
           not_before = case m.next when 'again' then m.again_at end,
           odd_refusals = case when m.next = 'again' and m.odd then e.odd_refusals + 1
                               when m.next = 'again' then e.odd_refusals else 0 end,
           stopped_at = case when m.next = 'stop' then p_now end,
           stopped_why = case when m.next = 'stop' then m.why end
      from moved m
      left join relink.enrollments o on o.id = m.enrollment_id
      left join relink.campaign_steps h on h.campaign_id = o.campaign_id and h.key = m.step_key
      -- The step after it as they stand now, wherever it stood when this was planned.
      left join lateral (
           select f.key, f.wait from relink.campaign_steps f
            where m.next = 'advance' and f.campaign_id = o.campaign_id and f.step > coalesce(h.step, m.step)
            order by f.step limit 1) n on true
     where e.id = m.enrollment_id and e.state = 'active'
       and coalesce(e.step_key, 'step-' || e.step::text) = m.step_key and m.next <> 'keep'
), proved as (
    update relink.account_holds h
       set proved_at = p_now
      from moved m
     -- By a send that was made after it, and not by one of before that is found now.
     where m.to_state = 'sent' and h.account_id = m.account_id and h.reason = 'protective' and h.proved_at is null
       and h.ends_at <= p_now and h.ends_at < m.counted_at and m.code is distinct from 'assumed'
), reopened as (
    update relink.send_closed c
       set until = '-infinity'
      from moved m
     where m.refund and c.account_id = m.account_id and c.action = m.action
)
select m.account_id, m.id from moved m;
end $$;

revoke all on all functions in schema relink from public;
grant execute on function relink.settle_sends(uuid[], uuid[], text[], text[], boolean[], text[], text[], text[], text[], text[],
                                              smallint[], timestamptz[], text[], timestamptz[], boolean[], text[], timestamptz,
                                              text, uuid) to relink_worker;
