//! Private PostgreSQL and RabbitMQ servers on loopback, for `relink up`, the tests and the bench.
//!
//! Nothing of the system's own servers is touched: every data directory, port, cookie, plugin list and name service
//! is the private server's own, set on its command line or in its environment.
//!
//! No process is left behind. Three things see to it: `stop` (and `Drop`), a guard process that outlives an owner
//! killed with `kill -9`, and [`clean_stale`] for what survived even that. All three stop exactly the processes that
//! the pid files name, and a pid file names a process by pid *and* start time, so a reused pid is never hit.
//!
//! Linux only: process identity is read from `/proc`.

mod alarm;
mod binaries;
mod boot;
mod error;
mod guard;
mod http;
mod identity;
mod initdb;
mod node;
mod ports;
mod postgres;
mod process;
mod rabbitmq;
mod room;
mod secret;

pub use error::ServerError;
pub use identity::Identity;
pub use ports::free as free_ports;
pub use postgres::{Postgres, PostgresOptions};
pub use rabbitmq::{RabbitMq, RabbitMqOptions};
pub use room::{clean_stale, recorded};
