//! What operators may do, one file a noun. The commands and the HTTP API both go through here, so that neither can do
//! what the other cannot, and no act is without its audit row (R-AUD-4).

mod asked;
mod done;
pub mod duplicates;
pub mod flags;
pub mod latch;
mod life;
mod perform;
pub mod product;
mod refused;
pub mod removals;
pub mod text;
pub mod warrants;
pub mod why;

pub use asked::Asked;
pub use done::Done;
pub use life::Life;
pub use perform::{Operation, perform, refuse};
pub use refused::{Kind, Refused, words};
