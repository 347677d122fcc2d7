//! What people do to accounts.

mod adopt;
mod release;
mod restart;

pub use adopt::Adopt;
pub use release::Release;
pub use restart::Restart;
