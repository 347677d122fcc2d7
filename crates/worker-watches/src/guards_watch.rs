//! `guards.watch` (gates 2 and 6, scenario 60): whether the record's guards stand and the clock goes on evenly, also while
//! nobody removes anything.

use fleet::{Job, JobError, RowCounts, Spec, Sweep};
use policy::duties::of_guards;
use policy::interlock::guards_alert;
use policy::jobs::{GUARDS_WATCH, Tick};
use policy::schedule::Period;
use store::Tx;
use store::guards::ClockKind;

/// Tests, and alerts.
pub(crate) struct GuardsWatch;

impl Sweep for GuardsWatch {
    const SPEC: Spec = Spec::new(
        GUARDS_WATCH,
        "Tests the guards of the record and looks at the clock; while either is wrong nothing is removed",
    )
    .every(Period::minutes(10));
    type Payload = Tick;

    async fn sweep(tx: &Tx, _: &[Job<Tick>]) -> Result<RowCounts, JobError> {
        if let Some(why) = tx.watch_removal_clock().await? {
            tracing::error!(why, "the removals' latch is tripped");
        }
        if tx.is_of_a_newer_build().await? {
            // A rolling upgrade: the newer workers watch. This one's self-test refuses every removal meanwhile (gate 6).
            tracing::info!(
                "the schema is newer than this build: its guards are left to newer workers"
            );
            let why = "the schema is of a newer build than the worker that looked".to_owned();
            tx.note_verdict(&of_guards(Some(why))).await?;
            return Ok(RowCounts::default());
        }
        // Whether the clock must be the real one, the workers of removals know, and test for themselves.
        let findings = tx.check_guards(ClockKind::StandIn).await?;
        for finding in &findings {
            tracing::error!(finding, "a guard of the record does not stand");
        }
        if !findings.is_empty() {
            tx.raise(&[guards_alert(&findings)]).await?;
        }
        tx.note_verdict(&of_guards(None)).await?;
        Ok(RowCounts::default())
    }
}
