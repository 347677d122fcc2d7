//! What a provider's error means for us, whatever its words.

/// What an error means, and so who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Our own key is refused: one alarm for everything, no account is touched.
    OurKey,
    /// The account's owner must link again.
    Reconnect,
    /// LinkedIn restricted the account.
    Restricted,
    /// One product or right of the account does not work; the account itself does.
    Degraded,
    /// The account has reached a limit of the provider, whatever the type's name suggests.
    AccountCap,
    /// This prospect, or whatever else the call named beside the account, is out of reach for good.
    ProspectGone,
    /// This prospect is out of reach for now.
    ProspectLater,
    /// Trouble on the way or over there; the same call may fare better later.
    Transient,
    /// Exactly the provider's words for a session that is not there.
    Gone,
    /// The call itself is wrong and stays wrong.
    BadRequest,
    /// An outward call whose effect is unknown: to be read back, never blindly repeated (R-CAP-5).
    Indeterminate,
    /// The answer is not in the provider's language (HTML, empty, cut, too long, a redirect).
    Unreadable,
    /// An answer for another session than the one asked for.
    Mismatch,
    /// A type that we do not know; it is kept in the error.
    Unknown,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 14] = [
        Self::OurKey,
        Self::Reconnect,
        Self::Restricted,
        Self::Degraded,
        Self::AccountCap,
        Self::ProspectGone,
        Self::ProspectLater,
        Self::Transient,
        Self::Gone,
        Self::BadRequest,
        Self::Indeterminate,
        Self::Unreadable,
        Self::Mismatch,
        Self::Unknown,
    ];

    /// The word in metrics and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OurKey => "our_key",
            Self::Reconnect => "reconnect",
            Self::Restricted => "restricted",
            Self::Degraded => "degraded",
            Self::AccountCap => "account_cap",
            Self::ProspectGone => "prospect_gone",
            Self::ProspectLater => "prospect_later",
            Self::Transient => "transient",
            Self::Gone => "gone",
            Self::BadRequest => "bad_request",
            Self::Indeterminate => "indeterminate",
            Self::Unreadable => "unreadable",
            Self::Mismatch => "mismatch",
            Self::Unknown => "unknown",
        }
    }
}
