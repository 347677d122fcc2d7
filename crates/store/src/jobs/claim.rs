//! Claiming: what is paused, done, not yet due or in other hands is simply not in the answer.
//!
//! A claim whose snapshot is older than a pause's commit must not count after it (R-Q-1). A claim that leases is short:
//! it holds a lock that the pause takes too, so one of the two is over before the other looks. A claim that closes lives
//! as long as its effect, and nobody should wait for that to pause: it looks again once it has claimed.

use super::{Claimed, Doorbell, FLEET};
use crate::clock::ClockReading;
use crate::columns::{Columns, values};
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::ids::{AccountId, JobId, WorkspaceId};
use std::time::Duration;
use tokio_postgres::Row;
use uuid::Uuid;

const CLAIM_CLOSING: Sql = sql!("jobs/claim_closing");
const CLAIM_CLOSING_FREE: Sql = sql!("jobs/claim_closing_free");
const WAIT_AGAIN: Sql = sql!("jobs/wait_again");
const PAUSED_SINCE: Sql = sql!("jobs/paused_since");
const BEGIN_LEASING: Sql = sql!("jobs/begin_leasing");
const CLAIM_LEASING: Sql = sql!("jobs/claim_leasing");
const BURY_UNCLAIMABLE: Sql = sql!("jobs/bury_unclaimable");

/// PostgreSQL's word for a lock that did not come in time.
const LOCKED: &str = "55P03";

/// What came of a claim that closes.
#[derive(Debug)]
pub enum Closing {
    /// Those that are closed, in a transaction that is to commit with their effect.
    Claimed(Vec<Claimed>),
    /// A pause was committed meanwhile: the next claim sees it.
    Paused,
    /// One of them is in another's hands: the free ones are to be claimed ([`Tx::claim_closing_free`]).
    Locked,
}

/// Cause of a claim that was refused for one job's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// Row: its neighbours were claimed, or this build cannot read it.
    Row,
    /// Row, if it has been claimed as often as can be counted; others may be refused too.
    RowIfSpent,
}

impl Tx {
    /// Claims set-based jobs by closing them in the transaction of their effect (R-JOB-2); only those that never ran.
    /// Unless it is [`Closing::Claimed`], the caller must roll back.
    pub async fn claim_closing(&self, bell: &Doorbell<'_>) -> Result<Closing, StoreError> {
        let claim = values(CLAIM_CLOSING)
            .value("jobs", bell.jobs)
            .value("kind", bell.kind)
            .value("version_max", bell.version_max)
            .value("at", self.now().at);
        match self.close_by(claim).await {
            Err(error) if error.sqlstate() == Some(LOCKED) => Ok(Closing::Locked),
            ended => ended,
        }
    }

    /// As [`Tx::claim_closing`], of those that nobody has locked.
    pub async fn claim_closing_free(&self, bell: &Doorbell<'_>) -> Result<Closing, StoreError> {
        let claim = values(CLAIM_CLOSING_FREE)
            .value("jobs", bell.jobs)
            .value("kind", bell.kind)
            .value("version_max", bell.version_max)
            .value("at", self.now().at);
        self.close_by(claim).await
    }

    async fn close_by(&self, claim: Columns<'_, ()>) -> Result<Closing, StoreError> {
        let now = self.now().at;
        let since = values(PAUSED_SINCE).value("at", now);
        let [claim, since, _] = self
            .rows_in_turn([claim, since, values(WAIT_AGAIN)])
            .await?;
        let is_paused = match since.first() {
            Some(found) => row::get(found, "paused")?,
            None => true,
        };
        if is_paused {
            return Ok(Closing::Paused);
        }
        let jobs = claim.iter().map(|found| claimed(found, now));
        jobs.collect::<Result<_, _>>().map(Closing::Claimed)
    }

    /// Claims jobs by leasing them to `worker` for `lease` of machine time; the attempt counts from now on, whatever
    /// happens to the worker. To be committed at once: pauses wait for it.
    pub async fn claim_leasing(
        &self,
        bell: &Doorbell<'_>,
        worker: &str,
        lease: Duration,
    ) -> Result<Vec<Claimed>, StoreError> {
        let now: ClockReading = self.now();
        let until = now.after_machine(lease);
        let [_, claim] = self
            .rows_in_turn([
                values(BEGIN_LEASING),
                values(CLAIM_LEASING)
                    .value("jobs", bell.jobs)
                    .value("kind", bell.kind)
                    .value("version_max", bell.version_max)
                    .value("at", now.at)
                    .value("until", until)
                    .value("worker", worker),
            ])
            .await?;
        claim.iter().map(|found| claimed(found, now.at)).collect()
    }

    /// Makes a dead letter of a waiting job that no claim gets past, with the words of the refusal. Times of its row that cannot
    /// be read are brought to the nearest that can. False: it waits no more, or is not to blame.
    pub async fn bury_unclaimable(
        &self,
        job: JobId,
        blame: Blame,
        error: &str,
        worker: &str,
    ) -> Result<bool, StoreError> {
        let wanted = values(BURY_UNCLAIMABLE)
            .value("job", job.0)
            .value("at", self.now().at)
            .value("error", error)
            .value("worker", worker)
            .value("only_spent", blame == Blame::RowIfSpent);
        Ok(self.execute_with(wanted).await? == 1)
    }
}

fn claimed(found: &Row, claimed_at: Timestamp) -> Result<Claimed, StoreError> {
    let workspace: Uuid = row::get(found, "workspace_id")?;
    Ok(Claimed {
        id: JobId(row::get(found, "id")?),
        version: row::get(found, "version")?,
        workspace: (workspace != FLEET).then_some(WorkspaceId(workspace)),
        account: row::get::<Option<Uuid>>(found, "account_id")?.map(AccountId),
        schedule: row::get(found, "schedule")?,
        payload: row::get(found, "payload")?,
        attempt: row::get(found, "attempt")?,
        failures: row::get(found, "failures")?,
        created_at: row::get(found, "created_at")?,
        run_at: row::get(found, "run_at")?,
        claimed_at,
        traceparent: row::get(found, "traceparent")?,
    })
}
