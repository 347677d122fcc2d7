//! When: the lease, the schedules, the relay and the rescue.
//!
//! Several schedulers may run; one leads. The lease makes that efficient, unique causes make it correct: whatever two
//! of them do at once, a tick is one job and a job has one effect (R-WAT-2).

mod blind;
mod census;
mod duties;
mod leader;
mod outstanding;
mod relay;
mod rescue;
mod scheduler;
mod tick;

pub use blind::{Leader, watch_duties};
pub use scheduler::{Scheduler, SchedulerOptions};
pub use tick::tick;
