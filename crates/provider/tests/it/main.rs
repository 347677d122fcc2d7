//! The client against real sockets: what a provider, an edge or a network may do to it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod answers;
mod door;
mod faults;
mod outcomes;
mod read_back;
mod secrets;
mod sends;
mod server;
mod tls;
