//! The simulator over real sockets: what it answers, what goes wrong on demand, and what the referee says of it.

mod action_faults;
mod actions;
mod bodies;
mod chats;
mod clock;
mod disorder;
mod everyday;
mod faults;
mod interlock_deletes;
mod links;
mod outward;
mod paging;
mod public_client;
mod referee;
mod restarts;
mod rig;
mod script;
mod verdict;
mod webhooks;
