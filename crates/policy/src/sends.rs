//! Outward actions: what may be sent, when, and what an answer means (docs/sends.md).
//!
//! A send is planned, reserved, called once and settled (R-CAP-5). The database counts what is reserved and refuses
//! what breaks a cap; the rules here decide what is asked of it, and can say why.

pub mod action;
pub mod blame;
pub mod by_hand;
pub mod call;
pub mod caps;
pub mod check;
pub mod decided;
pub mod dispatch;
pub mod disproof;
pub mod explain;
pub mod lateness;
pub mod proof;
pub mod ramp;
pub mod refusals;
pub mod resolve;
pub mod sender;
pub mod set_aside;
pub mod settle;
pub mod sight;
pub mod slot;
pub mod spacing;
pub mod window;

pub use action::{Action, SendState, Tier};

#[cfg(test)]
mod samples;
