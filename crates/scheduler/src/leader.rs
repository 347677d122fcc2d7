//! Who leads: the lease, renewed three times in its life, given up on stop. Followers wait for the chair, which is free the
//! moment that the leader's process is gone; a leader that only stands still is replaced when its lease ends.

use crate::office::Office;
use crate::seat::Sitting;
use fleet::chain;
use fleet::retry;
use std::time::{Duration, Instant};
use store::scheduler::{Leadership, Lease};
use store::{Store, StoreError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// An ask for the lease that takes longer has failed.
const ASK_MAX: Duration = Duration::from_secs(10);
/// A lease that ends is asked for a moment after its end.
const MOMENT: Duration = Duration::from_millis(20);

/// This process's claim to lead.
pub(crate) struct Leader {
    store: Store,
    holder: Uuid,
    lease: Duration,
    sitting: Sitting,
    is_schema_known: bool,
    standing: watch::Sender<Option<Standing>>,
}

/// What this process may believe of its lease without asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The lease. What is enqueued under it is fenced by the database all the same.
    pub(crate) leadership: Leadership,
    /// Beginning of this epoch.
    pub(crate) since: Instant,
    /// Until when, on this machine's stopwatch: somebody else may lead from then on.
    until: Instant,
}

impl Standing {
    /// Whether this process leads still.
    pub(crate) fn holds(&self) -> bool {
        Instant::now() < self.until
    }
}

impl Leader {
    pub(crate) fn new(store: Store, lease: Duration, sitting: Sitting) -> Self {
        Self {
            store,
            holder: Uuid::now_v7(),
            lease,
            sitting,
            is_schema_known: false,
            standing: watch::channel(None).0,
        }
    }

    /// Follows the lease.
    pub(crate) fn standing(&self) -> watch::Receiver<Option<Standing>> {
        self.standing.subscribe()
    }

    /// Asks for the lease again and again until `stop`. Refuses to work on a schema of another version than this build's.
    pub(crate) async fn run(
        &mut self,
        office: &Office,
        stop: &CancellationToken,
    ) -> Result<(), StoreError> {
        let mut failures = 0;
        loop {
            let wait = match tokio::time::timeout(ASK_MAX, self.ask()).await {
                Ok(Ok(wait)) => {
                    failures = 0;
                    office.board.asked();
                    wait
                }
                Ok(Err(
                    error @ (StoreError::NewerSchema { .. } | StoreError::OlderSchema { .. }),
                )) => return Err(error),
                Ok(Err(error)) => {
                    failures += 1;
                    self.stumble(failures, &error)
                }
                Err(_) => {
                    failures += 1;
                    tracing::warn!("the lease could not be asked for: no answer from the database");
                    retry::reconnect(failures)
                }
            };
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(wait) => {}
                () = self.sitting.changed() => {}
                () = office.doubts.notified(), if failures == 0 => {}
            }
        }
    }

    fn stumble(&mut self, failures: u32, error: &StoreError) -> Duration {
        self.is_schema_known = false;
        let wait = retry::reconnect(failures);
        let what = if crate::failure::is_away(error) {
            "the database did not answer"
        } else {
            "the lease could not be asked for"
        };
        tracing::warn!(
            error = chain(error),
            retry_in_ms = wait.as_millis(),
            "{what}"
        );
        wait
    }

    /// Takes or renews the lease. How long until it is to be asked for again.
    async fn ask(&mut self) -> Result<Duration, StoreError> {
        if !self.is_schema_known {
            self.store.check_schema().await?;
            self.is_schema_known = true;
        }
        let began = Instant::now();
        let before = *self.standing.borrow();
        // Whoever stood still past its lease has been replaced with reason, and does not take it back by the chair.
        let is_late = before.is_some_and(|standing| !standing.holds());
        let chair = self.sitting.chair().filter(|_| !is_late);
        let tx = self.store.begin().await?;
        let asked = tx.take_lease(self.holder, self.lease, chair).await?;
        tx.finish().await?;
        let standing = asked.leadership().map(|leadership| Standing {
            leadership,
            since: before
                .filter(|standing| standing.leadership == leadership)
                .map_or(began, |standing| standing.since),
            until: began + self.lease,
        });
        self.turn(before, standing);
        let period = self.lease / 3;
        Ok(match asked {
            Lease::Taken(_) => period,
            Lease::Anothers { left } => period.min(left + MOMENT),
        })
    }

    fn turn(&mut self, before: Option<Standing>, now: Option<Standing>) {
        let epoch = |standing: Option<Standing>| standing.map(|it| it.leadership.epoch);
        match (epoch(before), epoch(now)) {
            (before, Some(epoch)) if before != Some(epoch) => {
                tracing::info!(epoch, "this scheduler leads");
            }
            (Some(_), None) => {
                tracing::warn!("another scheduler leads now");
                // It leads without the chair, perhaps; the next death is noticed at once only if it sits in it.
                self.sitting.leave();
            }
            _ => {}
        }
        self.standing.send_replace(now);
    }

    /// Lets another take over at once.
    pub(crate) async fn give_up(self) {
        let Some(standing) = self.standing.send_replace(None) else {
            return;
        };
        let given = async {
            let tx = self.store.begin().await?;
            tx.give_up_lease(standing.leadership).await?;
            tx.finish().await
        };
        if let Err(error) = given.await {
            tracing::info!(error = chain(&error), "the lease ends by itself");
        }
    }
}
