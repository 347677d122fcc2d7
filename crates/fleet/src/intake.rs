//! Way from a queue's doorbells to claimed jobs: room for them while the database is slow (R-Q-2), and turns while it refuses
//! claims. A doorbell that waits here holds neither a lease nor a connection.

mod refusals;
mod room;

use crate::context::Context;
use crate::error::chain;
use crate::metrics;
use crate::record::patiently;
use crate::roster::Entry;
use broker::Settlement;
use futures_util::future::BoxFuture;
use policy::decision::Alert;
use policy::jobs::Queue;
use refusals::Refusals;
use refusals::Refused;
use refusals::Turn;
use room::Room;
pub(crate) use room::Share;
use serde_json::json;
use std::time::{Duration, Instant};
use store::{Fault, StoreError};

/// Jobs of a queue in hand for each connection of the pool.
const JOBS_PER_CONNECTION: usize = 8;
/// The same of a queue that acts outward: its jobs hold no connection while they wait for the provider.
const CALLS_PER_CONNECTION: usize = 64;
/// Refusals in a row after which operators are told.
const TOLD_AFTER: u32 = 3;

/// A doorbell whose claims are refused is held for so long, far less than the half hour after which a broker takes it back.
const HELD_MAX: Duration = Duration::from_mins(10);

/// Reason why a doorbell's jobs were not claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unclaimed {
    /// The rows themselves were refused; others may be claimed.
    Rows(OddRows),
    /// The database refuses claims, and waiting does not cure it.
    Refused,
    /// The worker stops.
    Stopping,
}

/// Words of a refusal of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OddRows {
    /// This build cannot read one of them.
    Unread(String),
    /// The database takes no claim of one of them; or of none at all, if something else is wrong.
    Untaken(String),
}

impl OddRows {
    /// What was said.
    pub(crate) fn words(&self) -> &str {
        match self {
            Self::Unread(why) | Self::Untaken(why) => why,
        }
    }
}

impl Unclaimed {
    /// How the doorbell ends. The rows are the truth, and what waits is rung for again; given back it would meet the same
    /// refusal at once, so only a worker that stops does that.
    pub(crate) fn settlement(self) -> Settlement {
        match self {
            Self::Rows(_) | Self::Refused => Settlement::Done,
            Self::Stopping => Settlement::HandBack,
        }
    }
}

/// Intake of one queue.
pub(crate) struct Intake {
    queue: Queue,
    room: Room,
    refusals: Refusals,
}

impl Intake {
    /// Makes the intake of a queue, for a pool of so many connections.
    pub(crate) fn new(queue: Queue, roster: &[Entry], connections: usize) -> Self {
        let is_outward = roster
            .iter()
            .any(|entry| entry.spec.kind.queue == queue && entry.is_act());
        let each = if is_outward {
            CALLS_PER_CONNECTION
        } else {
            JOBS_PER_CONNECTION
        };
        Self {
            queue,
            room: Room::new(connections / 2, connections.saturating_mul(each)),
            refusals: Refusals::default(),
        }
    }

    /// Exports the room, from the start on.
    pub(crate) fn export(&self) {
        metrics::jobs_max(self.queue, self.room.limit());
    }

    /// Waits for room for some of `jobs`, at least for one, until the worker stops.
    pub(crate) async fn share(
        &self,
        context: &Context,
        jobs: usize,
    ) -> Result<Share<'_>, Unclaimed> {
        tokio::select! {
            biased;
            share = self.room.take(jobs) => Ok(share),
            () = context.stop.cancelled() => Err(Unclaimed::Stopping),
        }
    }

    /// Claims by `attempt` in this queue's turn, again and again while the database is away or refuses. What waiting does not
    /// cure is counted, said in its own words, and tried ever more rarely, by one doorbell at a time; each is held for a
    /// while, so that jobs go on soon after the cure, and then let go.
    pub(crate) async fn claim<'a, T>(
        &self,
        context: &Context,
        what: &'static str,
        attempt: impl Fn() -> BoxFuture<'a, Result<T, StoreError>> + Send + Sync,
    ) -> Result<T, Unclaimed> {
        let held_since = Instant::now();
        loop {
            let turn = tokio::select! {
                biased;
                turn = self.refusals.turn() => turn,
                () = context.stop.cancelled() => return Err(Unclaimed::Stopping),
            };
            let began = Instant::now();
            match patiently(context, what, &attempt).await {
                Ok(claimed) => {
                    self.note_success(began);
                    return Ok(claimed);
                }
                Err(error) if error.fault() == Fault::Transient => {
                    return Err(Unclaimed::Stopping);
                }
                Err(error) => self.note_refusal(context, what, &turn, &error).await?,
            }
            if HELD_MAX < held_since.elapsed() {
                return Err(Unclaimed::Refused);
            }
        }
    }

    /// Counts and says a refusal; an error where the rows are to blame.
    async fn note_refusal(
        &self,
        context: &Context,
        what: &'static str,
        turn: &Turn<'_>,
        error: &StoreError,
    ) -> Result<(), Unclaimed> {
        metrics::claim_refused(self.queue);
        let (queue, why) = (self.queue, chain(error));
        if let Some(odd) = odd_rows(error, &why) {
            tracing::warn!(what, %queue, error = why, "some jobs cannot be claimed");
            return Err(Unclaimed::Rows(odd));
        }
        let Some(Refused { in_a_row, wait }) = self.refusals.note(turn, &why) else {
            return Ok(());
        };
        let retry_in_ms = wait.as_millis();
        tracing::warn!(what, %queue, error = why, in_a_row, retry_in_ms, "the database refuses claims");
        if in_a_row == TOLD_AFTER {
            tell(context, queue, &why).await;
        }
        Ok(())
    }

    fn note_success(&self, began: Instant) {
        if self.room.note_claim(began.elapsed()) {
            self.export();
        }
        if let Some(lasted) = self.refusals.end() {
            let lasted_ms = lasted.as_millis();
            tracing::info!(queue = %self.queue, lasted_ms, "claims go on");
        }
    }

    /// What readiness needs: that claims are not refused again and again.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self.refusals.told(TOLD_AFTER) {
            None => Ok(()),
            Some((since, why)) => Err(format!(
                "jobs of {} cannot be claimed for {} s: {why}",
                self.queue,
                since.as_secs()
            )),
        }
    }
}

/// The refusal, where others of the rows may be claimed: a value that no column takes or that this build cannot read.
fn odd_rows(error: &StoreError, why: &str) -> Option<OddRows> {
    let of_data = |code: &str| code.starts_with("22") || code.starts_with("23");
    match error {
        StoreError::Row { .. } => Some(OddRows::Unread(why.to_owned())),
        _ => error
            .sqlstate()
            .is_some_and(of_data)
            .then(|| OddRows::Untaken(why.to_owned())),
    }
}

/// Raises the alert, if the database takes that.
async fn tell(context: &Context, queue: Queue, why: &str) {
    let alert = [Alert {
        code: "claims_refused",
        subject: queue.as_str().to_owned(),
        detail: json!({ "queue": queue.as_str(), "error": why }),
    }];
    let raised = async {
        let tx = context.store.begin().await?;
        tx.raise(&alert).await?;
        tx.finish().await
    };
    match raised.await {
        Ok(()) => metering::count_alerts(&alert),
        Err(error) => tracing::warn!(error = chain(&error), "the alert could not be raised"),
    }
}
