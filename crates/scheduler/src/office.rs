//! What every duty of the leader shares: whether this process leads, where it says how it stands, and whom it wakes.

use crate::board::Board;
use crate::failure::is_away;
use crate::leader::Standing;
use fleet::{chain, retry};
use metrics::counter;
use policy::decision::Alert;
use policy::duties::{LeaderDuty, is_failure_told};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use store::scheduler::Leadership;
use store::{Fault, Store, StoreError};
use tokio::sync::{Notify, watch};

/// First delay after a failure.
const FIRST_DELAY: Duration = Duration::from_millis(500);
/// No delay is quite nothing.
const LEAST_DELAY: Duration = Duration::from_millis(50);

/// Shared by the duties of one process.
#[derive(Clone)]
pub(crate) struct Office {
    pub(crate) store: Store,
    pub(crate) standing: watch::Receiver<Option<Standing>>,
    pub(crate) board: Board,
    /// Wakes whoever asks for the lease: it may be lost.
    pub(crate) doubts: Arc<Notify>,
}

/// Failure of one round.
pub(crate) enum Failure {
    /// The store said why.
    Store(StoreError),
    /// It did not end in time.
    Hung(Duration),
}

impl Office {
    /// Waits until this process leads. None: nobody schedules any more.
    pub(crate) async fn leads(&mut self) -> Option<Standing> {
        let held = self
            .standing
            .wait_for(|standing| standing.as_ref().is_some_and(Standing::holds));
        held.await.ok().and_then(|standing| *standing)
    }

    /// Waits until this process leads under another lease than that.
    pub(crate) async fn leads_anew(&mut self, than: Leadership) {
        let another =
            |standing: &Option<Standing>| standing.is_some_and(|it| it.leadership != than);
        if self.standing.wait_for(another).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Notes a round that failed, and tells people if it goes on. How long to wait, at most `longest`.
    pub(crate) async fn failed(
        &self,
        duty: LeaderDuty,
        failure: Failure,
        longest: Duration,
    ) -> Duration {
        let (is_away, words) = match &failure {
            // Nothing failed: another leads, and the lease is about to tell.
            Failure::Store(error) if error.fault() == Fault::Superseded => {
                self.doubts.notify_one();
                return FIRST_DELAY;
            }
            Failure::Store(error) => (is_away(error), chain(error)),
            Failure::Hung(limit) => (false, format!("did not end within {} s", limit.as_secs())),
        };
        let failures = self.board.failed(duty, &words);
        let wait = retry::delay(failures, FIRST_DELAY, longest) + LEAST_DELAY;
        let retry_in_ms = wait.as_millis();
        if is_away {
            self.doubts.notify_one();
            // Whoever asks for the lease says it loudly.
            tracing::info!(
                duty = duty.as_str(),
                error = words,
                retry_in_ms,
                "a duty waits for the database"
            );
            return wait;
        }
        counter!("relink_scheduler_duty_failures_total", "duty" => duty.as_str()).increment(1);
        tracing::warn!(
            duty = duty.as_str(),
            error = words,
            failures,
            retry_in_ms,
            "a duty of the scheduler failed"
        );
        if is_failure_told(failures) {
            self.tell(duty, failures, &words).await;
        }
        wait
    }

    /// Counts a failure of a part of a duty, whose other parts go on, and tells people if it goes on.
    pub(crate) async fn failed_in_part(&self, duty: LeaderDuty, failures: u32, error: &str) {
        counter!("relink_scheduler_duty_failures_total", "duty" => duty.as_str()).increment(1);
        if is_failure_told(failures) {
            self.tell(duty, failures, error).await;
        }
    }

    async fn tell(&self, duty: LeaderDuty, failures: u32, error: &str) {
        let alert = [Alert {
            code: "duty_failing",
            subject: duty.as_str().to_owned(),
            detail: json!({ "error": error, "failures_in_a_row": failures }),
        }];
        let told = tokio::time::timeout(FIRST_DELAY * 10, async {
            let tx = self.store.begin().await?;
            tx.raise(&alert).await?;
            tx.finish().await
        });
        match told.await {
            Ok(Ok(())) => metering::count_alerts(&alert),
            Ok(Err(error)) => {
                let error = chain(&error);
                tracing::warn!(
                    error,
                    duty = duty.as_str(),
                    "a failing duty could not be told"
                );
            }
            Err(_) => tracing::warn!(
                duty = duty.as_str(),
                "a failing duty could not be told in time"
            ),
        }
    }
}
