//! How a job runs, whichever it is: claim ▸ observe ▸ decide ▸ commit ▸ ack.
//!
//! A worker crate writes jobs ([`Decide`], [`Sweep`], [`Act`]) and lists them in a roster; [`Worker`] consumes the queues of its
//! rosters and runs them. Start reading in `pipeline.rs`: what happens to a delivery, on one screen.

mod act;
pub mod config;
mod context;
mod decide;
mod error;
pub mod http;
mod job;
pub mod log;
mod look;
pub mod metrics;
mod pipeline;
mod record;
pub mod retry;
pub mod settings;
pub mod shutdown;
mod supervise;
mod sweep;
mod tool;
mod worker;

pub use context::Context;
pub use error::{JobError, chain};
pub use job::{Act, Decide, Entry, Job, Spec, Sweep, Swept, Turn, act, decide, find, sweep};
pub use look::Look;
pub use pipeline::ring;
pub use tool::Tool;
pub use worker::{Worker, WorkerOptions};
