//! Changes of what has a version: two that were made for the same one do not overwrite each other.

/// Operation on something that has a version.
pub trait Versioned {
    /// Demands that the thing is still at this version; any other one refuses the act as [`crate::Code::Changed`].
    fn expect_version(&mut self, version: i32);
}
