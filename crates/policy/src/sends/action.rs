//! The seven outward actions, and how far a send has come.

use serde::{Deserialize, Serialize};

crate::words! {
    serde:
    /// What is done to a person through an account.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub enum Action {
        /// Asks somebody to connect.
        Invite = "invite",
        /// Writes to a connection.
        Message = "message",
        /// Writes to somebody who is none, with a credit.
        Inmail = "inmail",
        /// Looks at a profile so that its owner sees it.
        ProfileView = "profile_view",
        /// Takes an invitation back.
        WithdrawInvite = "withdraw_invite",
        /// Ends a connection; they are not told, and messages stay.
        RemoveConnection = "remove_connection",
        /// Writes an e-mail.
        Email = "email",
    }
}

crate::words! {
    /// What an account pays for, as far as caps differ by it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Tier {
        /// Nothing.
        Free = "free",
        /// Premium or Sales Navigator.
        Premium = "premium",
    }
}

crate::words! {
    /// How far a send has come (R-CAP-5). The database allows only the changes that lead along these lines:
    ///
    /// ```text
    /// planned ─▶ reserved ─▶ sending ─▶ sent | refused | failed | unknown
    ///    └────────────┴────▶ cancelled             unknown ─▶ sent | refused | failed
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum SendState {
        /// Has an instant; takes no capacity.
        Planned = "planned",
        /// Takes capacity; nobody called yet, and whoever calls must first win `sending`.
        Reserved = "reserved",
        /// One call is on its way, or its worker died.
        Sending = "sending",
        /// The provider said yes, or its own lists showed it afterwards.
        Sent = "sent",
        /// The provider said no.
        Refused = "refused",
        /// It did not happen.
        Failed = "failed",
        /// Nobody knows whether it happened: keeps its capacity, is read back and never repeated (R-CAP-6).
        Unknown = "unknown",
        /// Taken back before any call.
        Cancelled = "cancelled",
    }
}
