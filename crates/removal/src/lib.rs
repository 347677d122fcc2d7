//! The process's side of the deletion interlock (docs/removals.md): its kill switch, the permission for one removal as
//! a type, and the one function of the whole program that removes a session at the provider.
//!
//! Nothing here decides. The database judges under its lock, `policy::interlock` judges the same facts again, and only
//! the row that came of both makes a [`Permit`]. Only `worker-removals` depends on this crate; a tidy test holds that.

mod ask;
mod call;
mod permit;
mod switch;
#[cfg(test)]
mod tests;

pub use ask::{Interlock, PermitAnswer, Ticket};
pub use call::Caller;
pub use permit::{AGE_MAX, Permit};
pub use switch::KillSwitch;
