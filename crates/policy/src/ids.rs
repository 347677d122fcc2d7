//! Names of things, each its own type, so that a session can never be passed where an account is meant.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

uuid_id! {
    /// A tenant.
    WorkspaceId,
    /// Our row for one person's LinkedIn or mailbox, in one workspace.
    AccountId,
    /// One try to link an account; its callback names it.
    AttemptId,
    /// A sequence of steps for many prospects.
    CampaignId,
    /// One reason for which one campaign does not run.
    PauseId,
    /// The record of a suspected-missing session.
    CaseId,
    /// A loss that the mass-change breaker stopped.
    StopId,
    /// One prospect's place in a campaign.
    EnrollmentId,
    /// One outward action.
    SendId,
    /// One restart of one session (R-LNK-8).
    RestartId,
    /// A row of the jobs table.
    JobId,
    /// An operator's request to remove one session.
    RemovalId,
    /// Two operators' single-use permission to remove one live duplicate (R-DEL-4).
    WarrantId,
}

text_id! {
    /// The provider's opaque name of a session (about 22 characters, may begin with `-` or `_`).
    SessionId,
    /// The stable person behind a session: LinkedIn member id, or mailbox address in lower case.
    Identity,
}
