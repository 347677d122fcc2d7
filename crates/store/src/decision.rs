//! Committing decisions. Each part has its writer beside its noun, named `apply_…`; the order of their locks is here.

use crate::counted::Applied;
use crate::error::StoreError;
use crate::tx::{OnRefused, Tx};
use policy::decision::{Decision, OnMoved};
use uuid::Uuid;

/// On whose behalf a decision is committed; goes into its audit rows (R-AUD-3).
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// Actor in audit rows: `worker:watches`.
    pub actor: &'a str,
    /// Job that decided, if one did.
    pub job: Option<Uuid>,
    /// The schedule whose run it belongs to; its next jobs of the same area do too.
    pub schedule: Option<&'a str>,
    /// W3C trace context, handed on to next jobs.
    pub traceparent: Option<&'a str>,
}

impl Tx {
    /// Writes a whole decision into this transaction. Rows that have moved on are skipped, or refuse the decision
    /// with [`StoreError::Moved`], as the decision says.
    ///
    /// Rows are locked in one order (docs/database.md), whichever duty decided: all accounts and all campaigns that it names,
    /// before anything is written; then, as their writers come to them, cases, stopped losses, verifications, sends, removals,
    /// restarts, attempts and events of links, notices. Losses are told after them: whoever counts them may wait for others that do, and then holds all that it
    /// needs. The row of a duty comes last, which many jobs share.
    pub async fn apply(&self, decision: &Decision, by: &Author<'_>) -> Result<Applied, StoreError> {
        let Decision {
            at,
            on_moved,
            status,
            campaigns,
            cases,
            stops,
            verifications,
            sends,
            removals,
            restarts,
            links,
            notices,
            alerts,
            jobs,
            run,
            duty,
        } = decision;
        self.lock_rows_of(decision).await?;
        let on_refused = on_refused(decision);
        // Boxed: its future alone is larger than all others together.
        let flipped = Box::pin(self.apply_status(status, (*at, *on_moved), on_refused, by));
        let (mut applied, losses) = flipped.await?;
        applied.add(self.apply_campaigns(campaigns, *at, by).await?);
        applied.add(self.apply_cases(cases, *at, on_refused, by).await?);
        self.apply_stops(stops, *at).await?;
        self.apply_verifications(verifications).await?;
        applied.add(self.apply_sends(sends, *at, by).await?);
        applied.add(self.apply_removals(removals, by).await?);
        applied.add(self.apply_restarts(restarts, *at).await?);
        applied.add(self.apply_links(links, *at, by).await?);
        applied.add(self.apply_notices(notices, *at).await?);
        self.raise(alerts).await?;
        applied.jobs += self.enqueue(jobs, by.schedule, by.traceparent).await?;
        if let Some(step) = run {
            self.apply_run(step, *at).await?;
        }
        self.tell_losses(&losses, *at).await?;
        if let Some(verdict) = duty {
            self.note_verdict(verdict).await?;
        }
        Ok(applied)
    }
}

/// What is decided of one account alone, and must come whole, fails whole: its job is of nobody else. Of everything else a
/// refused row is set aside, and the next sweep decides on it afresh.
fn on_refused(decision: &Decision) -> OnRefused {
    let is_of_one = decision.on_moved == OnMoved::Retry || !decision.removals.steps.is_empty();
    if is_of_one {
        OnRefused::Fail
    } else {
        OnRefused::SetAside
    }
}
