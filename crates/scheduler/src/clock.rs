//! The database's clock was ahead and has gone back: what it wrote meanwhile is not waited for. Told to people, for a clock
//! that jumps once jumps again.

use crate::rounds::Work;
use jiff::Timestamp;
use metrics::counter;
use policy::decision::Alert;
use policy::duties::LeaderDuty;
use serde_json::json;
use std::time::Duration;
use store::scheduler::Leadership;
use store::{Store, StoreError};
use uuid::Uuid;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);
/// A clock that goes back by less, machine time, is being corrected; nothing waits for long.
const SLACK: Duration = Duration::from_secs(5);
/// Jobs looked at in one transaction.
const BATCH: i64 = 10_000;

/// Looks whether the clock has gone back, and undoes what it wrote ahead of itself.
pub(crate) struct ClockWatch {
    store: Store,
    undoing: Option<Undoing>,
}

/// Jobs are gone through once, a batch a round.
struct Undoing {
    after: Uuid,
    moved: u64,
}

impl ClockWatch {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            undoing: None,
        }
    }

    async fn look(&mut self, leadership: Leadership) -> Result<Duration, StoreError> {
        let tx = self.store.begin().await?;
        let Some(latest) = tx.instant_ahead(SLACK).await? else {
            tx.finish().await?;
            return Ok(EVERY);
        };
        tx.fence(leadership).await?;
        tx.forget_future().await?;
        let alert = [ahead(latest, tx.now().at)];
        tx.raise(&alert).await?;
        tx.finish().await?;
        metering::count_alerts(&alert);
        counter!("relink_clock_returns_total").increment(1);
        tracing::error!(%latest, "the database's clock was ahead and has gone back");
        self.undoing = Some(Undoing {
            after: Uuid::nil(),
            moved: 0,
        });
        Ok(Duration::ZERO)
    }

    async fn undo(
        &mut self,
        leadership: Leadership,
        Undoing { after, moved }: Undoing,
    ) -> Result<Duration, StoreError> {
        let tx = self.store.begin().await?;
        tx.fence(leadership).await?;
        let back = tx.bring_back(after, BATCH).await?;
        if back.last.is_none() {
            tx.believe_clock().await?;
        }
        tx.finish().await?;
        let moved = moved + back.moved;
        if let Some(after) = back.last {
            self.undoing = Some(Undoing { after, moved });
        } else {
            tracing::warn!(
                jobs = moved,
                "jobs wait no longer for a clock that was ahead"
            );
        }
        Ok(Duration::ZERO)
    }
}

impl Work for ClockWatch {
    const DUTY: LeaderDuty = LeaderDuty::Clock;

    async fn round(&mut self, leadership: Leadership) -> Result<Duration, StoreError> {
        // A batch that fails is begun anew: the look finds the same again.
        match self.undoing.take() {
            Some(undoing) => self.undo(leadership, undoing).await,
            None => self.look(leadership).await,
        }
    }
}

fn ahead(latest: Timestamp, now: Timestamp) -> Alert {
    Alert {
        code: "clock_ahead",
        subject: "database".to_owned(),
        detail: json!({
            "latest": latest,
            "seen_at": now,
            "ahead_s": latest.duration_since(now).as_secs(),
            "look": "docs/runbooks/relink-clock-ahead.md",
        }),
    }
}
