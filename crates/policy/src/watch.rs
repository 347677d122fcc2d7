//! What a run of `status.watch` may change (R-ST-2, R-ST-3, R-WAT-3, R-CAM-2).

mod accepted;
mod apply;
mod breaker;
mod chunk;
mod due;
mod implied;
mod run;
mod stops;

pub use accepted::{AcceptedPage, apply_accepted};
pub use apply::{AcceptedStop, Proposed, ProposedClass, apply};
pub use breaker::{Judgement, OddWord, RunCounts, judge, loss_threshold};
pub use chunk::{Chunk, RunProgress, RunStage, SHARE_ROWS, apply_chunk};
pub use due::{
    AccountShare, DueCase, DueStop, DueWork, RELEASED_A_RUN, RUNS_SAY, Released, STOPPED_LOSS,
    release,
};
pub use implied::{Class, Implied, Pair, implied, pairs};
pub use run::{RunOutcome, RunStep, RunVerdict};
pub use stops::{NewStop, StandingStop, StopChanges, StopLook, StopState};

#[cfg(test)]
mod tests;
