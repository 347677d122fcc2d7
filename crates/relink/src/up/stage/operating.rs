//! What an operator sees and answers while the fleet runs.

use super::Stage;
use super::ground::lives_file;
use crate::commands::Failure;
use crate::up::plan::lives::AT_ONCE;
use std::path::Path;

/// Open alerts that an operator looks at.
const ALERTS: i64 = 20;

impl Stage {
    /// Answers what the mass-change breaker stopped, once each.
    pub(crate) async fn answer_stopped_losses(&mut self) -> Result<(), Failure> {
        let open = self
            .store
            .reading(async |tx| tx.open_alerts(ALERTS).await)
            .await?;
        if !self.operator.is_asked(&open) {
            return Ok(());
        }
        let sessions = self.control.sessions().await?;
        self.operator.answer_stopped(&open, &sessions).await
    }

    /// Sessions that the planned loss took, by the provider's own truth.
    pub(super) async fn lost_at_once(&self) -> Result<usize, Failure> {
        let lives = self.control.lives().await?;
        let took = lives
            .iter()
            .filter(|it| it.cause.as_deref() == Some(AT_ONCE));
        Ok(took.count())
    }
}

/// A file of an earlier run is another run's truth.
pub(super) fn forget_lives(dir: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(lives_file(dir)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
