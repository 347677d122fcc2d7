//! What operators may do, one file a noun. The commands and the HTTP API both go through here, so that neither can do
//! what the other cannot, and no act is without its audit row (R-AUD-4).

pub mod accounts;
pub mod alerts;
mod asked;
pub mod campaigns;
pub mod cases;
pub mod dead;
mod done;
pub mod drain;
pub mod duplicates;
pub mod enrollments;
pub mod flags;
mod hours;
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
pub mod warrants;
pub mod watch;
pub mod webhooks;
pub mod why;
pub mod workspaces;

pub use asked::OperationRequest;
pub use done::Done;
pub use life::Life;
pub use perform::{Operation, perform, refuse};
pub use refused::{Kind, Refused, words};
