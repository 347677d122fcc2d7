//! What rings: RabbitMQ. The only crate that names `lapin`.
//!
//! A message is a [`Doorbell`]: it names rows, and the rows are the truth. So everything here may be late,
//! doubled or lost without harm, and this crate promises only to say honestly which of these happened:
//! a [`Publisher`] gives every message exactly one [`Outcome`], a [`Consumer`]'s delivery says when it
//! was settled whether the broker can have heard it.
//!
//! Both keep connections of their own (a blocked publisher must not hold up acknowledgements), one a queue (a broken queue
//! must not hold up the others), and rebuild each from nothing after any failure, for ever, with the delays that the
//! caller's [`Backoff`] names. On each connection they declare its queue again, which is how an emptied broker heals.
//!
//! TLS: `main` installs rustls' process-wide `CryptoProvider` (ring) once, before the first connection.
//!
//! `lapin` logs each returned message as a warning and each lost connection as an error of its own; a filter may silence
//! the target `lapin`, for all of it is said here too.

mod arrival;
mod board;
mod buffer;
mod config;
mod consumer;
mod consuming;
mod dead;
mod delivery;
mod depth;
mod doorbell;
mod error;
pub mod inspect;
mod ledger;
mod link;
mod listening;
mod measure;
mod publisher;
mod publishing;
mod rebuild;
mod retry;
pub mod topology;
mod witness;

pub use board::QueueHealth;
pub use config::Config;
pub use consumer::{Consumer, ConsumerOptions, ConsumerState, Subscription};
pub use dead::{DeadMessages, DeadQueue};
pub use delivery::{Delivery, Settled, Settlement};
pub use depth::{Depth, queue_depths, queue_depths_apart};
pub use doorbell::{Doorbell, IDS_MAX, Undecodable};
pub use error::BrokerError;
pub use ledger::{Outcome, Verdict};
pub use publisher::{NotPublished, Publisher, PublisherOptions, PublisherState};
pub use retry::Backoff;
pub use witness::{Found, WitnessQueue};
