//! What people do to campaigns: pausing and resuming (R-CAM-1), and giving a sender's people to others (R-CAM-6).

mod reassign;
mod resume;

pub use reassign::{Reassign, ReassignPreview, Stayer, Taker, preview};
pub use resume::{Pause, Resume};
