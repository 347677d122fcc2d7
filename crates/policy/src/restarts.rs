//! Restarts of sessions that the provider stopped (R-LNK-8), and who brought accounts back (R-ANA-1).

mod budget;
mod changes;
mod jobs;
mod ladder;
mod settle;
mod turn;

pub use budget::{Bounds, Budget, MINUTES, Place, bounds};
pub use changes::{RestartChanges, RestartEnd, RestartState, ReturnedBy};
pub use jobs::{asked_job, first_jobs, missed, shards_of_tick};
pub use ladder::{CONNECTING_PATIENCE, GAP, Rung, next_rung, rung, wants_restart};
pub use settle::{RestartFacts, RestartOutcome, settle};
pub use turn::{Candidate, Restart, Turn, turns};
