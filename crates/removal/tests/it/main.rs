//! The public side of the crate.
