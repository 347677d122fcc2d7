//! Unipile's v1 over HTTP.

mod client;
mod decode;
mod link;
mod reply;
mod retry_after;
pub(crate) mod routes;
mod session;
mod setup;
#[cfg(test)]
mod tests;
mod tls;

pub use client::Unipile;
