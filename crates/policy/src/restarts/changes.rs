//! Changes of restarts, as decided.

use crate::ids::{AccountId, RestartId};

/// Part of a decision about restarts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RestartChanges {
    /// Ends of calls.
    pub ends: Vec<RestartEnd>,
}

/// End of the one call of a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestartEnd {
    /// Account whose session it was.
    pub account: AccountId,
    /// Restart that was called.
    pub restart: RestartId,
    /// State from then on.
    pub state: RestartState,
    /// The provider's type, or in short what went wrong; empty where nothing did.
    pub code: String,
}

crate::words! {
    /// State of a restart: a row before the call, and its end after it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum RestartState {
        /// Written down, not yet called: the intent.
        Reserved = "reserved",
        /// Called, or about to be: only whoever committed this calls.
        Calling = "calling",
        /// The provider says that it restarts the session.
        Restarted = "restarted",
        /// The provider said no in its own words.
        Refused = "refused",
        /// Nothing left this machine.
        NotSent = "not_sent",
        /// Nobody knows whether it happened.
        Unknown = "unknown",
        /// Not wanted any more before it was called.
        Withdrawn = "withdrawn",
    }
}

impl RestartState {
    /// Whether nothing becomes of it any more.
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Reserved | Self::Calling)
    }
}

crate::words! {
    /// Who brought an account back from an episode (R-ANA-1).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum ReturnedBy {
        /// A restart of ours, taken by the provider before it came back.
        Restart = "restart",
        /// Nobody of ours, and no attempt that we know of.
        Provider = "provider",
        /// An attempt of its owner.
        Owner = "owner",
        /// A restart that an operator asked for.
        Operator = "operator",
    }
}
