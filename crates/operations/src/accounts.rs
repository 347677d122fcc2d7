//! What people do to accounts.

mod adopt;
mod cap;
mod hold;
mod release;
mod restart;
mod rules;
mod tier;

pub use adopt::Adopt;
pub use cap::Cap;
pub use hold::Hold;
pub use release::Release;
pub use restart::Restart;
pub use rules::Rules;
pub use tier::SetTier;
