//! What a process counts, by Prometheus' conventions. The list of all of it is [`catalogue`]; labels are closed sets:
//! queue, kind, outcome, cause; never an id.

mod alerts;
pub mod catalogue;
mod exposition;
mod install;
mod job_kind;
pub mod labels;
mod pool;
mod scrape;
mod sets;

pub use alerts::count_alerts;
pub use exposition::Exposition;
pub use install::{SECONDS, build, install};
pub use job_kind::JobKind;
pub use pool::pool;
pub use scrape::{Probe, Scrape, UPKEEP_EVERY};
pub use sets::{Set, bound, sets, zero};
