//! What should happen: the rules of Relink, pure.
//!
//! Nothing here reads a clock, a database, the network or a random number: rows, observations and `now` come in,
//! a [`decision::Decision`] goes out. That is why each rule can be tested as a table, and why the audit trail *is*
//! the decision. The numbered rules (`R-CAM-1`) are listed in docs/rules.md.

pub mod account;
pub mod alerts;
pub mod campaigns;
/// Steps of work that is too long for one run.
pub mod chain;
pub mod class;
pub mod confirm;
pub mod decision;
pub mod duplicates;
pub mod duties;
pub mod events;
pub mod holds;
pub mod identity;
pub mod ids;
pub mod instant;
pub mod interlock;
pub mod jobs;
pub mod life;
pub mod lifting;
pub mod links;
pub mod listing;
pub mod losses;
pub mod notices;
pub mod orphans;
pub mod owners;
pub mod pages;
pub mod pill;
pub mod restarts;
pub mod schedule;
pub mod sends;
pub mod session;
/// Effects of an outward call's outcome.
pub mod settled;
pub mod subscriptions;
pub mod templates;
pub mod timeline;
pub mod trace;
pub mod verify;
pub mod watch;
pub mod witness;
pub mod words;

#[cfg(test)]
mod samples;
