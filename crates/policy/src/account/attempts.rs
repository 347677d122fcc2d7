//! Attempts: purposes, states, and ends as decided.

use crate::ids::AttemptId;

crate::words! {
    /// What an attempt is for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum AttemptPurpose {
        /// First login of an account that was never connected.
        First = "first",
        /// New login into the session that the account has; it keeps its id.
        Reconnect = "reconnect",
        /// New session, because the account's own is proven gone.
        Create = "create",
        /// New login before anything broke: never flips (R-LNK-10).
        Renew = "renew",
        /// Return of a disconnected account.
        Restore = "restore",
    }
}

crate::words! {
    /// State of an attempt (R-LNK-1, R-LNK-3).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum AttemptPhase {
        /// Its link is being minted; nobody has a URL yet.
        Minting = "minting",
        /// Its page waits for the owner.
        Open = "open",
        /// Its page was used; a session is named.
        Answered = "answered",
        /// What was named is being looked at.
        Verifying = "verifying",
        /// Its page has ended unused; a late callback may still bind until its name ends.
        Lapsed = "lapsed",
        /// Closed: its account was linked by it.
        Linked = "linked",
        /// Closed: what it brought may not be linked (R-LNK-4, R-LNK-5).
        Refused = "refused",
        /// Closed: the provider or its page said that it failed.
        Failed = "failed",
        /// Closed: its name is not valid any more.
        Expired = "expired",
        /// Closed: a newer one took its place.
        Superseded = "superseded",
        /// Closed: its account came back in another way.
        Repaired = "repaired",
        /// Closed: its account was disconnected, or the caller took it back.
        Cancelled = "cancelled",
        /// Closed: no link was made.
        MintFailed = "mint_failed",
    }
}

impl AttemptPhase {
    /// Whether nothing can come of it any more; such a row has a `closed_at`.
    pub const fn is_closed(self) -> bool {
        match self {
            Self::Minting | Self::Open | Self::Answered | Self::Verifying | Self::Lapsed => false,
            Self::Linked
            | Self::Refused
            | Self::Failed
            | Self::Expired
            | Self::Superseded
            | Self::Repaired
            | Self::Cancelled
            | Self::MintFailed => true,
        }
    }
}

crate::words! {
    /// How an attempt ended; the word of its last state.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum AttemptOutcome {
        /// Its account was linked by it.
        Linked = "linked",
        /// Its account came back in another way.
        Repaired = "repaired",
        /// What it brought may not be linked (R-LNK-4, R-LNK-5).
        Refused = "refused",
        /// The provider or its page said that it failed.
        Failed = "failed",
        /// A newer one took its place.
        Superseded = "superseded",
        /// Its name is not valid any more.
        Expired = "expired",
        /// Its account was disconnected, or the caller took it back.
        Cancelled = "cancelled",
        /// No link was made.
        MintFailed = "mint_failed",
    }
}

/// End of an attempt; one that is closed already keeps its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptEnd {
    /// Attempt to close.
    pub attempt: AttemptId,
    /// What came of it.
    pub outcome: AttemptOutcome,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_the_word_of_a_closed_state() {
        let closed: Vec<&str> = AttemptPhase::ALL
            .into_iter()
            .filter(|phase| phase.is_closed())
            .map(AttemptPhase::as_str)
            .collect();
        let mut outcomes = AttemptOutcome::ALL.map(AttemptOutcome::as_str).to_vec();
        outcomes.sort_unstable();
        let mut sorted = closed;
        sorted.sort_unstable();
        assert_eq!(outcomes, sorted);
    }
}
