//! The fleet's clock and the provider's, held against each other.

use super::Stage;
use crate::commands::Failure;
use crate::up::report::are_too_far;
use jiff::{SignedDuration, Timestamp};
use store::clock::TestClock;

impl Stage {
    pub(super) async fn now(&self) -> Result<Timestamp, Failure> {
        let now = self
            .store
            .reading(async |tx| Ok::<_, store::StoreError>(tx.now().at));
        Ok(now.await?)
    }

    /// How far the provider's clock is from ours beyond what asking took; ahead, when above zero.
    pub(super) async fn clock_off(&self) -> Result<SignedDuration, Failure> {
        let before = self.now().await?;
        let shown = self.control.clock().await?;
        let after = self.now().await?;
        Ok(shown.duration_since(shown.clamp(before, after)))
    }

    /// Lets the fleet's clock run at its speed from what the provider's clock shows now. Where the two stay apart, nothing
    /// that the provider tells could be held against our rows.
    pub(super) async fn start_time(&self) -> Result<(), Failure> {
        let clock = TestClock::Scaled {
            // Ours is never set back.
            from: self.control.clock().await?.max(self.now().await?),
            rate: self.speed,
        };
        store::clock::install(&self.owner, clock).await?;
        let behind = -self.clock_off().await?.as_secs();
        if behind > 0 {
            self.control.step_clock(behind).await?;
        }
        let off = self.clock_off().await?.as_secs();
        if are_too_far(off) {
            return Err(Failure::new(format!(
                "the provider's clock starts {off} s from ours: nothing could be judged"
            )));
        }
        Ok(())
    }
}
