//! Writing the judgement of a run: what it says of losses that were stopped, what it stops, and what it leaves to its
//! shares.

use crate::columns::values;
use crate::error::StoreError;
use crate::number::clamp;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::confirm::CASES_A_RUN;
use policy::ids::{CaseId, StopId};
use policy::watch::RunVerdict;
use uuid::Uuid;

const JUDGED: Sql = sql!("watch/judged");
const LEAVE_ABSENT: Sql = sql!("watch/leave_absent");
const FOLLOW: Sql = sql!("stops/follow");
const RELEASE: Sql = sql!("stops/release");
const STOP: Sql = sql!("stops/stop");
const KEEP: Sql = sql!("stops/keep");
const RELEASE_CASES: Sql = sql!("cases/release");
const FREE: Sql = sql!("cases/free");

/// Judgement of a run, as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct JudgedRun<'a> {
    pub(super) slot: Timestamp,
    pub(super) verdict: RunVerdict,
    pub(super) watched: i64,
    pub(super) shares: u32,
    pub(super) released: &'a [StopId],
    pub(super) cases: &'a [CaseId],
}

impl Tx {
    /// Writes a judgement. The run ends here if it has no shares.
    pub(super) async fn write_judgement(
        &self,
        judged: &JudgedRun<'_>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let JudgedRun {
            slot,
            verdict,
            watched,
            shares,
            released,
            cases,
        } = *judged;
        let cases: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
        self.execute(RELEASE_CASES, &[&cases, &at]).await?;
        self.execute(FOLLOW, &[&slot, &at]).await?;
        let stops: Vec<Uuid> = released.iter().map(|stop| stop.0).collect();
        self.execute(RELEASE, &[&stops, &at]).await?;
        if verdict == RunVerdict::Abort {
            self.execute(STOP, &[&slot, &at]).await?;
        }
        self.execute(KEEP, &[&slot, &at]).await?;
        let absent = values(LEAVE_ABSENT)
            .value("slot", slot)
            .value("cases_max", i64::from(CASES_A_RUN))
            .value("at", at);
        self.execute_with(absent).await?;
        self.execute(FREE, &[&at]).await?;
        let shares: i32 = clamp(shares);
        let judged = values(JUDGED)
            .value("slot", slot)
            .value("watched", watched)
            .value("shares", shares);
        self.execute_on_with(1, judged).await?;
        match shares {
            0 => self.end_run(slot, verdict.outcome().as_str(), "", at).await,
            _ => Ok(()),
        }
    }
}
