//! The fleet's clock and the provider's, held against each other.

use super::Stage;
use crate::commands::Failure;
use jiff::Timestamp;

impl Stage {
    pub(super) async fn now(&self) -> Result<Timestamp, Failure> {
        let now = self
            .store
            .reading(async |tx| Ok::<_, store::StoreError>(tx.now().at));
        Ok(now.await?)
    }

    /// How far the provider's clock is from ours, in seconds, beyond what asking took; ahead, when above zero.
    pub(super) async fn clock_off(&self) -> Result<i64, Failure> {
        let before = self.now().await?;
        let shown = self.control.clock().await?;
        let after = self.now().await?;
        let off = shown.duration_since(shown.clamp(before, after));
        Ok(off.as_secs())
    }

    /// Sets the provider's clock to ours: its start took time that a fast fleet has felt.
    pub(super) async fn agree_on_time(&self) -> Result<(), Failure> {
        let behind = -self.clock_off().await?;
        if behind > 0 {
            self.control.step_clock(behind).await?;
        }
        Ok(())
    }
}
