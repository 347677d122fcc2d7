//! What is: PostgreSQL. The only crate that names `tokio-postgres`.
//!
//! A [`Store`] hands out transactions ([`Tx`]); a transaction knows the instant it began by the database's clock
//! ([`Now`]) and ends in [`Tx::finish`], the only commit there is. Queries are files, `sql/<table>/<verb>.sql`.

mod alerts;
pub mod audit;
mod bell;
pub mod campaigns;
pub mod cases;
pub mod census;
pub mod clock;
pub mod config;
mod decision;
pub mod duplicates;
mod error;
pub mod guards;
pub mod jobs;
pub mod listen;
pub mod migrate;
pub mod operators;
pub mod orphans;
pub mod product;
pub mod relay;
pub mod removals;
pub mod report;
mod row;
pub mod scheduler;
pub mod seed;
pub mod sends;
mod sql;
mod store;
pub mod subscriptions;
mod tx;
pub mod watch;
pub mod why;

pub use clock::Now;
pub use config::Config;
pub use decision::{Applied, By};
pub use error::{Fault, Refusal, StoreError};
pub use store::{Connections, Store};
pub use tx::Tx;
