//! Holds: why an account does not send, beside its status.

use crate::ids::AccountId;
use jiff::Timestamp;

crate::words! {
    /// Why an account is held.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum HoldReason {
        /// The provider restricted it (R-CAP-7).
        Restricted = "restricted",
        /// Too many of its sends failed (R-CAP-8).
        Protective = "protective",
        /// The subscription ended (R-SUB-1).
        Subscription = "subscription",
        /// An operator holds it.
        Operator = "operator",
        /// Another person is behind its session (R-ST-6).
        WrongAccount = "wrong_account",
        /// Three polls found its session gone, and the breaker stops the verdict (R-WAT-3).
        SessionGone = "session_gone",
    }
}

/// What holds every account of a restored copy (R-RES-1). It is no row of an account: it ends when the copy is adopted.
pub const COPY: &str = "copy";
/// What ends it.
pub const COPY_ENDS: &str = "a person who adopts this copy (relink adopt)";

/// Hold an account, or hold it longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHold {
    /// Account to hold.
    pub account: AccountId,
    /// Cause of the hold.
    pub reason: HoldReason,
    /// When it ends by itself; none when something else must end it.
    pub until: Option<Timestamp>,
    /// Words for people.
    pub note: String,
}

/// End a hold whose cause is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedHold {
    /// Account that is held.
    pub account: AccountId,
    /// Hold to end; one that is over already stays so.
    pub reason: HoldReason,
}
