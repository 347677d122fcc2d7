//! Writing the judgement of a run: what it says of losses that were stopped, what it stops, and what it leaves to its
//! shares.

use crate::apart::{Apart, Only};
use crate::columns::{Columns, values};
use crate::error::StoreError;
use crate::number::clamp;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
use jiff::Timestamp;
use policy::confirm::CASES_A_RUN;
use policy::ids::{AccountId, CaseId, StopId};
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
const PROPOSED: Sql = sql!("apart/proposed");
const STOPPED: Sql = sql!("apart/stopped");
const GONE_HELD: Sql = sql!("apart/gone_held");

/// Work on a judged run, as alerts of rows set aside name it.
const WORK: &str = "status.apply";

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
        self.release_cases(cases, at).await?;
        self.follow_stops(slot, at).await?;
        let stops: Vec<Uuid> = released.iter().map(|stop| stop.0).collect();
        each_apart!(
            self,
            Parts::of(WORK, &stops),
            |id| format!("stop {id}"),
            |some| async { self.execute(RELEASE, &[&some, &at]).await }
        );
        if verdict == RunVerdict::Abort {
            self.stop_losses(slot, at).await?;
        }
        // Not apart: what is stopped must not be left to the shares, whatever else comes of the run.
        self.execute(KEEP, &[&slot, &at]).await?;
        self.leave_absent(slot, at).await?;
        self.end_held(at).await?;
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

    async fn follow_stops(&self, slot: Timestamp, at: Timestamp) -> Result<(), StoreError> {
        let mut apart = of_accounts(values(STOPPED));
        while let Some(Only(only)) = apart.next(self).await? {
            let ran = self.execute(FOLLOW, &[&slot, &at, &only]).await;
            apart.end(self, only, ran).await?;
        }
        apart.tell(self).await.map(drop)
    }

    /// A loss that cannot be stopped by its row is not applied either.
    async fn stop_losses(&self, slot: Timestamp, at: Timestamp) -> Result<(), StoreError> {
        let mut apart = of_accounts(values(PROPOSED).value("slot", slot));
        while let Some(Only(only)) = apart.next(self).await? {
            let ran = self.execute(STOP, &[&slot, &at, &only]).await;
            apart.end(self, only, ran).await?;
        }
        let aside = apart.tell(self).await?;
        let aside: Vec<AccountId> = aside.into_iter().map(AccountId).collect();
        self.handle_proposals(slot, &aside).await
    }

    async fn leave_absent(&self, slot: Timestamp, at: Timestamp) -> Result<(), StoreError> {
        let mut apart = of_accounts(values(PROPOSED).value("slot", slot));
        while let Some(Only(only)) = apart.next(self).await? {
            let absent = values(LEAVE_ABSENT)
                .value("slot", slot)
                .value("cases_max", i64::from(CASES_A_RUN))
                .value("at", at)
                .value("only", only.clone());
            let ran = self.execute_with(absent).await;
            apart.end(self, only, ran).await?;
        }
        apart.tell(self).await.map(drop)
    }

    /// Lets cases have their verdict.
    async fn release_cases(&self, cases: &[CaseId], at: Timestamp) -> Result<(), StoreError> {
        let cases: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
        each_apart!(
            self,
            Parts::of(WORK, &cases),
            |id| format!("case {id}"),
            |some| async { self.execute(RELEASE_CASES, &[&some, &at]).await }
        );
        Ok(())
    }

    /// Ends the holds of cases that are over.
    async fn end_held(&self, at: Timestamp) -> Result<(), StoreError> {
        let mut apart = of_accounts(values(GONE_HELD));
        while let Some(Only(only)) = apart.next(self).await? {
            let ran = self.execute(FREE, &[&at, &only]).await;
            apart.end(self, only, ran).await?;
        }
        apart.tell(self).await.map(drop)
    }
}

fn of_accounts(owners: Columns<'_, ()>) -> Apart<'_, Uuid> {
    Apart::of(WORK, "account", owners)
}
