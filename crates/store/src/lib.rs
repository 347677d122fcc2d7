//! What is: PostgreSQL. The only crate that names `tokio-postgres`.
//!
//! A [`Store`] hands out transactions ([`Tx`]); a transaction knows the instant it began by the database's clock
//! ([`ClockReading`]) and ends in [`Tx::finish`], the only commit there is. Queries are files, `sql/<table>/<verb>.sql`.

mod accounts;
mod alerts;
mod apart;
pub mod appearance;
mod attempts;
pub mod audit;
mod bell;
pub mod campaigns;
pub mod cases;
pub mod census;
pub mod clock;
mod columns;
pub mod config;
mod counted;
pub mod dead;
mod decision;
pub mod doctor;
pub mod duplicates;
mod duties;
mod error;
pub mod guards;
mod holds;
pub mod jobs;
pub mod listen;
mod locks;
mod losses;
pub mod migrate;
pub mod notices;
mod number;
pub mod operators;
pub mod orphans;
pub mod pauses;
pub mod product;
pub mod queues;
pub mod relay;
pub mod removals;
pub mod report;
pub mod restarts;
mod row;
mod said;
pub mod scheduler;
pub mod seed;
pub mod sends;
mod sql;
mod stops;
mod store;
pub mod subscriptions;
pub mod trace;
mod tx;
mod verifications;
pub mod views;
pub mod watch;
mod whole;
pub mod why;
pub mod workspaces;

pub use clock::ClockReading;
pub use config::Config;
pub use counted::{Applied, Count};
pub use decision::Author;
pub use error::{Fault, Refusal, StoreError};
pub use said::DriverMessage;
pub use store::{Connections, Store};
pub use tx::{Parts, Tx};
