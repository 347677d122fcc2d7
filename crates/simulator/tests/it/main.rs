//! The simulator over real sockets: what it answers, what goes wrong on demand, and what the referee says of it.

mod bodies;
mod faults;
mod links;
mod paging;
mod public_client;
mod referee;
mod rig;
mod script;
mod webhooks;
