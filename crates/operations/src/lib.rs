//! What operators may do, one file a noun. The commands and the HTTP API both go through here, so that neither can do
//! what the other cannot, and no act is without its audit row (R-AUD-4).

pub mod accounts;
pub mod alerts;
mod asked;
pub mod attempts;
pub mod campaigns;
pub mod cases;
mod code;
pub mod dead;
mod done;
pub mod drain;
pub mod duplicates;
pub mod enrollments;
pub mod flags;
mod hours;
pub mod keys;
pub mod latch;
mod life;
pub mod notices;
pub mod pauses;
mod perform;
pub mod product;
mod refused;
pub mod removals;
pub mod sends;
pub mod text;
mod versions;
pub mod warrants;
pub mod watch;
pub mod webhooks;
pub mod why;
pub mod witness;
pub mod workspaces;

pub use asked::OperationRequest;
pub use code::Code;
pub use done::Done;
pub use life::Life;
pub use perform::{Operation, Performed, perform, perform_once, refuse};
pub use refused::{Refused, words};
pub use versions::Versioned;
