//! How a job runs, whichever it is: claim ▸ observe ▸ decide ▸ commit ▸ ack.
//!
//! A worker crate writes jobs ([`Decide`], [`Sweep`], [`Act`], [`Chain`]) and lists them in a roster; [`Worker`] consumes the queues of its
//! rosters and runs them. Start reading in `pipeline.rs`: what happens to a delivery.

mod act;
mod chain;
pub mod config;
mod context;
mod decide;
mod error;
pub mod http;
mod intake;
mod job;
pub mod log;
mod look;
mod metrics;
mod panics;
mod pipeline;
mod pulse;
mod queues;
mod record;
pub mod retry;
mod roster;
mod run;
pub mod settings;
pub mod shutdown;
mod spec;
mod supervise;
mod sweep;
mod tools;
pub mod trace;
mod traced;
mod worker;

pub use context::Context;
pub use error::{JobError, chain};
pub use job::{Act, Chain, Decide, Job, RowCounts, Sweep, Turn};
pub use look::Look;
pub use pipeline::Pipeline;
pub use queues::BrokenQueues;
pub use roster::{Entry, acting, chaining, counted_kinds, deciding, find, sweeping};
pub use spec::Spec;
pub use tools::Tools;
pub use traced::calling;
pub use worker::{Worker, WorkerOptions};
