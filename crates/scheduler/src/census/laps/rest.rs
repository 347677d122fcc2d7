//! When a lap over the lanes of a queue need not be repeated: nothing was due, nobody wrote a job, and the first of all has yet
//! to come due.

use jiff::Timestamp;
use std::sync::Arc;
use store::depths::Lane;
use store::relay::Holds;
use store::written::Written;
use store::{StoreError, Tx};

const JOBS: &[&str] = &["jobs"];

/// What is known of the jobs at one instant without a look at any of them.
#[derive(Debug, Default)]
pub(super) struct Sight {
    at: Timestamp,
    written: Written,
    holds: Holds,
}

impl Sight {
    pub(super) async fn of(tx: &Tx) -> Result<Self, StoreError> {
        Ok(Self {
            at: tx.now().at,
            written: tx.written(JOBS).await?,
            holds: tx.holds().await?,
        })
    }
}

/// What a lap has met so far.
#[derive(Debug, Default)]
pub(super) struct Signs {
    is_due: bool,
    next_at: Option<Timestamp>,
}

impl Signs {
    pub(super) fn note(&mut self, lane: &Lane) {
        let is_due = 0 < lane.due || lane.due_since.is_some() || lane.paused_since.is_some();
        self.is_due = self.is_due || is_due;
        self.next_at = self.next_at.into_iter().chain(lane.next_at).min();
    }

    /// What a complete lap, begun with that sight, may rest on; none if something is due, whose age grows.
    pub(super) fn rest(self, began: &Arc<Sight>) -> Option<Rest> {
        (!self.is_due).then(|| Rest {
            began: Arc::clone(began),
            until: self.next_at,
        })
    }
}

/// Why a lap stands.
#[derive(Debug)]
pub(super) struct Rest {
    began: Arc<Sight>,
    /// When the first job comes due; none for never.
    until: Option<Timestamp>,
}

impl Rest {
    /// Whether another lap would find the same.
    pub(super) fn lasts(&self, now: &Sight) -> bool {
        now.written.is_since(&self.began.written, JOBS)
            && now.holds.are_those_of(&self.began.holds)
            && !now.holds.is_ramping()
            && self.until.is_none_or(|until| now.at < until)
    }
}
