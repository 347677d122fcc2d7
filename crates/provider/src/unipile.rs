//! Unipile's v1 over HTTP.

mod client;
mod decode;
mod door;
mod hello;
mod http;
mod link;
mod moved;
pub mod outward;
mod read_back;
mod reply;
mod retry_after;
pub(crate) mod routes;
mod send;
mod session;
mod setup;
#[cfg(test)]
mod tests;
mod tls;
mod webhooks;

pub use client::Unipile;
pub use routes::ROUTES;
