//! What a provider's error means for us, whatever its words.

crate::words! {
    /// What an error means, and so who has to act.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Class {
        /// Our own key is refused: one alarm for everything, no account is touched.
        OurKey = "our_key",
        /// The account's owner must link again.
        Reconnect = "reconnect",
        /// The provider or the network behind it waits for the account's owner to prove who they are.
        Checkpoint = "checkpoint",
        /// LinkedIn restricted the account.
        Restricted = "restricted",
        /// One product or right of the account does not work; the account itself does.
        Degraded = "degraded",
        /// The account has reached a limit of the provider, whatever the type's name suggests.
        AccountCap = "account_cap",
        /// This prospect, or whatever else the call named beside the account, is out of reach for good.
        ProspectGone = "prospect_gone",
        /// What was to be reached is so already: connected, withdrawn, or invited by hand.
        AimReached = "aim_reached",
        /// This prospect was invited before, and that invitation is no more.
        InvitedBefore = "invited_before",
        /// This prospect is out of reach for now.
        ProspectLater = "prospect_later",
        /// Trouble on the way or over there; the same call may fare better later.
        Transient = "transient",
        /// Exactly the provider's words for a session that is not there.
        Gone = "gone",
        /// The call itself is wrong and stays wrong.
        BadRequest = "bad_request",
        /// Refused in our own process, before a byte left.
        Unsayable = "unsayable",
        /// An outward call whose effect is unknown: to be read back, never blindly repeated (R-CAP-5).
        Indeterminate = "indeterminate",
        /// The answer is not in the provider's language (HTML, empty, cut, too long, a redirect).
        Unreadable = "unreadable",
        /// An answer for another session than the one asked for.
        Mismatch = "mismatch",
        /// A type that we do not know; it is kept in the error.
        Unknown = "unknown",
    }
}
