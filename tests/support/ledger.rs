//! What must hold of sends whatever went wrong, asked of both books: the database's and the referee's.

use crate::fleet_run::FleetRun;

/// What became of a run's sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// Effects that the referee saw.
    pub effects: usize,
    /// Sends by state, as `sent 3, failed 1`; those that were taken back are left out.
    pub states: String,
    /// Sends that were ever unknown.
    pub unknown: i64,
    /// Those of them that are `sent`, `refused` or `failed` now.
    pub resolved: i64,
    /// Capacity in use.
    pub counted: i64,
}

impl std::fmt::Display for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "effects {}, duplicates 0, {}, counted {}, unknown resolved {}/{}",
            self.effects, self.states, self.counted, self.resolved, self.unknown
        )
    }
}

/// Sends by state, as `sent 3, failed 1`.
pub async fn states(run: &FleetRun) -> String {
    let sql = "select state || ' ' || count(*) from relink.sends where state <> 'cancelled' group by state order by state";
    run.words(sql, &[]).await.join(", ")
}

/// Checks both books against each other and returns what they say.
///
/// The referee saw nothing twice and no cap broken; every intent has its outcome or was taken anew; every end has its
/// audit row, once; every `sent` moved its enrollment one step, nothing else did; every effect has a send that is
/// `sent` or `unknown`; no capacity of a send that was ever unknown came back; the database holds no window above its
/// own cap.
pub async fn audit(run: &FleetRun) -> Ledger {
    let verdict = run.provider.verdict().await;
    assert_eq!(
        (
            verdict.duplicated,
            verdict.violated,
            verdict.repeats_refused
        ),
        (0, 0, 0),
        "{verdict:#?}"
    );
    for (what, sql) in [
        ("intents without an outcome", OPEN_INTENTS),
        ("ends without their audit row", UNPAIRED),
        ("outcomes told twice, or of no intent", ODD_OUTCOMES),
        (
            "enrollments that did not move one step for each sent",
            ODD_STEPS,
        ),
        (
            "capacity that came back though its send was unknown",
            REFUNDED,
        ),
        ("windows above a cap", OVER),
    ] {
        assert_eq!(run.number(sql, &[]).await, 0, "{what}");
    }
    let effects = run.provider.effects().await.len();
    let happened = "select count(*) from relink.sends where state in ('sent', 'unknown')";
    let happened = usize::try_from(run.number(happened, &[]).await).expect("a count");
    assert!(
        effects <= happened,
        "{effects} effects of {happened} sends that may have happened"
    );
    let unknown = "select count(*) from relink.sends where was_unknown";
    let resolved = "select count(*) from relink.sends where was_unknown and state in ('sent', 'refused', 'failed')";
    let counted = "select count(*) from relink.sends where counted_at is not null";
    Ledger {
        effects,
        states: states(run).await,
        unknown: run.number(unknown, &[]).await,
        resolved: run.number(resolved, &[]).await,
        counted: run.number(counted, &[]).await,
    }
}

/// A stale reservation is taken anew by an intent of its own, which says that it was `reserved` before.
const OPEN_INTENTS: &str = "
    select count(*) from relink.send_audit i join relink.sends s on s.account_id = i.account_id and s.id = i.send_id
     where i.event = 'intent' and s.state not in ('reserved', 'sending')
       and not exists (select from relink.send_audit o where o.event = 'outcome' and o.send_id = i.send_id and o.intent_id = i.id)
       and not exists (select from relink.send_audit n where n.event = 'intent' and n.send_id = i.send_id and n.id > i.id
                          and n.from_state = 'reserved')";

const UNPAIRED: &str = "
    select count(*) from relink.sends s
     where (s.counted_at is not null or s.refunded_at is not null) and s.intent_id is null
        or s.state in ('sent', 'refused', 'failed', 'unknown') and 1 <> (
           select count(*) from relink.send_audit a where a.event = 'outcome' and a.send_id = s.id and a.intent_id = s.intent_id
              and a.to_state = s.state)
        or s.was_unknown and 1 <> (
           select count(*) from relink.send_audit a where a.event = 'outcome' and a.send_id = s.id and a.to_state = 'unknown')";

const ODD_OUTCOMES: &str = "
    select count(*) from relink.send_audit o
     where o.event = 'outcome' and (
           not exists (select from relink.send_audit i where i.event = 'intent' and i.id = o.intent_id and i.send_id = o.send_id)
           or exists (select from relink.send_audit t where t.event = 'outcome' and t.send_id = o.send_id and t.id <> o.id
                         and t.intent_id = o.intent_id and (t.to_state = o.to_state or t.from_state = o.from_state)))";

/// Of enrollments whose first step was the first.
const ODD_STEPS: &str = "
    select count(*) from relink.enrollments e
     where e.step - (select min(s.step) from relink.sends s where s.enrollment_id = e.id)
           + case when e.state = 'done' then 1 else 0 end
           <> (select count(*) from relink.sends s where s.enrollment_id = e.id and s.state = 'sent')";

const REFUNDED: &str = "select count(*) from relink.sends where was_unknown and (counted_at is null or refunded_at is not null)";

/// Windows as the provider would count them: from, but without, their beginning.
const OVER: &str = "
    select count(*) from (
        select case when l.lifted_by is not null then coalesce(l.day, c.day) else least(l.day, c.day) end as cap_day,
               case when l.lifted_by is not null then coalesce(l.week, c.week) else least(l.week, c.week) end as cap_week,
               count(*) over (partition by s.account_id, s.action order by s.counted_at
                              range between interval '24 hours' - interval '1 microsecond' preceding and current row) as day,
               count(*) over (partition by s.account_id, s.action order by s.counted_at
                              range between interval '168 hours' - interval '1 microsecond' preceding and current row) as week
          from relink.sends s join relink.accounts a on a.id = s.account_id
          join relink.send_caps c on c.tier = a.tier and c.action = s.action
          left join relink.send_limits l on l.account_id = s.account_id and l.action = s.action
         where s.counted_at is not null) w
     where w.day > w.cap_day or w.week > w.cap_week";
