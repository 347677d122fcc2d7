//! What the relay takes turns over (R-JOB-6).

use uuid::Uuid;

/// Waiting jobs of one kind of one workspace.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane {
    /// Their workspace; nil for the fleet's own.
    pub workspace: Uuid,
    /// Their kind.
    pub kind: String,
}
