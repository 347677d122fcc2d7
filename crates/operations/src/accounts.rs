//! What people do to accounts.

mod adopt;
mod release;

pub use adopt::Adopt;
pub use release::Release;
