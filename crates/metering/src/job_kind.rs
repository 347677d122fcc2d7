//! Kinds of job, as far as counting them goes.

use policy::jobs::Kind;

/// A kind of job that a process counts by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobKind {
    /// Name and queue.
    pub kind: Kind,
    /// Whether the scheduler asks for it.
    pub is_scheduled: bool,
}
