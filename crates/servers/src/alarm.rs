use crate::node::MEMORY_LIMIT;
use crate::{RabbitMq, ServerError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The node measures its memory every second.
const ALARM_WITHIN: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(50);

impl RabbitMq {
    /// Raises or clears the memory alarm, under which the broker blocks every publisher (R-Q-2), and waits until it
    /// is in force.
    pub async fn set_memory_alarm(&self, raised: bool) -> Result<(), ServerError> {
        let limit: &[&str] = if raised {
            &["0"]
        } else {
            &["absolute", MEMORY_LIMIT]
        };
        self.ctl(&[&["set_vm_memory_high_watermark"], limit].concat())
            .await?;
        let wanted = if raised { 503 } else { 200 };
        let deadline = Instant::now() + ALARM_WITHIN;
        loop {
            match self
                .manage("GET", "/api/health/checks/local-alarms", &[wanted])
                .await
            {
                Err(error) if deadline < Instant::now() => return Err(error),
                Err(_) => sleep(LOOK_EVERY).await,
                Ok(()) => return Ok(()),
            }
        }
    }
}
