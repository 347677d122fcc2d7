//! When: the lease, the schedules, the relay and the rescue.
//!
//! Several schedulers may run; one leads. The lease makes that efficient, unique causes make it correct: whatever two
//! of them do at once, a tick is one job and a job has one effect (R-WAT-2). Each duty of the leader is a task of its own,
//! and fails alone (R-JOB-8).

mod blind;
mod board;
mod census;
mod clock;
mod dead_queue;
mod duties;
mod failure;
mod leader;
mod office;
mod outstanding;
mod readiness;
mod relay;
mod rescue;
mod ringing;
mod rounds;
mod scheduler;
mod seat;
mod tick;
mod witness;

pub use blind::{Leader, watch_duties};
pub use scheduler::{Scheduler, SchedulerOptions};
pub use tick::tick;
