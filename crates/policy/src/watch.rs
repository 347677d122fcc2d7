//! What a run of `status.watch` may change (R-ST-2, R-ST-3, R-WAT-3, R-CAM-2).

mod apply;
mod breaker;
mod chunk;
mod implied;
mod run;

pub use apply::{Proposed, ProposedClass, apply};
pub use breaker::{Judgement, OddWord, RunCounts, judge, loss_threshold};
pub use chunk::{Chunk, apply_chunk};
pub use implied::{Class, Implied, Pair, implied, pairs};
pub use run::{RunOutcome, RunStep, RunVerdict};
