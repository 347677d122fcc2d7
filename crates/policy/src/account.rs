//! An account's status and the one table of its allowed changes (R-ST-1).

mod attempts;
mod flip;
mod kind;

pub use attempts::{AttemptEnd, AttemptOutcome, AttemptPhase, AttemptPurpose};
pub use flip::{Cause, Flip, Link, StatusChanges};
pub use kind::AccountKind;

use serde::{Deserialize, Serialize};

crate::words! {
    serde:
    /// Status of an account.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub enum Status {
        /// A link or reconnect was started.
        Connecting = "connecting",
        /// The provider says OK and we verified it (R-LNK-6).
        Connected = "connected",
        /// Its owner must sign in again.
        ReconnectNeeded = "reconnect_needed",
        /// The provider asks its owner to confirm something.
        ActionRequired = "action_required",
        /// The provider stopped; the fleet restarts it.
        Recovering = "recovering",
        /// A case was confirmed: the session is gone (R-DEL-3).
        Missing = "missing",
        /// Its owner disconnected it.
        Disconnected = "disconnected",
    }
}

/// One allowed change of status (R-ST-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Status before; none for a row that is being inserted.
    pub from: Option<Status>,
    /// Status after.
    pub to: Status,
    /// What must have happened, for people.
    pub when: &'static str,
}

const fn insert(to: Status, when: &'static str) -> Transition {
    Transition {
        from: None,
        to,
        when,
    }
}

const fn flip(from: Status, to: Status, when: &'static str) -> Transition {
    Transition {
        from: Some(from),
        to,
        when,
    }
}

/// Every allowed change; whatever is not here is an error (R-ST-1).
pub const TRANSITIONS: &[Transition] = {
    use Status::{
        ActionRequired, Connected, Connecting, Disconnected, Missing, ReconnectNeeded, Recovering,
    };
    const OWNER_LEFT: &str = "its owner disconnected it (R-DIS-1)";
    const OWNER_RETRIES: &str = "its owner started a reconnect (R-LNK-1)";
    const SIGN_IN: &str =
        "the provider says CREDENTIALS or PERMISSIONS, or that the session may not act";
    const VERIFIED: &str = "its session answers OK and was verified (R-LNK-6)";
    const GONE: &str = "a case was confirmed: its session is gone (R-DEL-3)";
    const CHECKPOINT: &str = "the provider answers with a checkpoint";
    &[
        insert(Connecting, "its first link was started"),
        flip(
            Connecting,
            Connected,
            "its link landed, or was found (R-ORP-1), and was verified (R-LNK-6)",
        ),
        flip(
            Connecting,
            ReconnectNeeded,
            "its link failed or was not used (R-LNK-10)",
        ),
        flip(Connecting, ActionRequired, CHECKPOINT),
        flip(
            Connecting,
            Recovering,
            "its link is over, and the provider says ERROR, STOPPED or CONNECTING",
        ),
        flip(Connecting, Missing, GONE),
        flip(Connecting, Disconnected, OWNER_LEFT),
        flip(Connected, ReconnectNeeded, SIGN_IN),
        flip(
            Connected,
            Recovering,
            "the provider says ERROR, STOPPED or CONNECTING",
        ),
        flip(Connected, ActionRequired, CHECKPOINT),
        flip(Connected, Missing, GONE),
        flip(Connected, Disconnected, OWNER_LEFT),
        flip(ReconnectNeeded, Connecting, OWNER_RETRIES),
        flip(ReconnectNeeded, Connected, VERIFIED),
        flip(ReconnectNeeded, ActionRequired, CHECKPOINT),
        flip(ReconnectNeeded, Missing, GONE),
        flip(ReconnectNeeded, Disconnected, OWNER_LEFT),
        flip(ActionRequired, Connecting, OWNER_RETRIES),
        flip(ActionRequired, Connected, VERIFIED),
        flip(
            ActionRequired,
            ReconnectNeeded,
            "nobody confirmed in time (R-ST-5), or the provider says CREDENTIALS or PERMISSIONS",
        ),
        flip(ActionRequired, Missing, GONE),
        flip(ActionRequired, Disconnected, OWNER_LEFT),
        flip(Recovering, Connecting, OWNER_RETRIES),
        flip(Recovering, Connected, VERIFIED),
        flip(
            Recovering,
            ReconnectNeeded,
            "the provider says CREDENTIALS or PERMISSIONS, or that the session may not act",
        ),
        flip(Recovering, ActionRequired, CHECKPOINT),
        flip(Recovering, Missing, GONE),
        flip(Recovering, Disconnected, OWNER_LEFT),
        flip(Missing, Connecting, OWNER_RETRIES),
        flip(
            Missing,
            Connected,
            "the same session reappeared and was verified (R-LNK-6)",
        ),
        flip(
            Missing,
            ReconnectNeeded,
            "the same session reappeared, and the provider says CREDENTIALS or PERMISSIONS, or that it may not act",
        ),
        flip(
            Missing,
            Recovering,
            "the same session reappeared, and the provider says ERROR, STOPPED or CONNECTING",
        ),
        flip(Missing, ActionRequired, CHECKPOINT),
        flip(Missing, Disconnected, OWNER_LEFT),
        flip(Disconnected, Connecting, OWNER_RETRIES),
    ]
};

/// A change that the table does not have (R-ST-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account may not go from {} to {to}", from_word(*from))]
pub struct ForbiddenTransition {
    /// Status before; none for an insert.
    pub from: Option<Status>,
    /// Status that was asked for.
    pub to: Status,
}

fn from_word(from: Option<Status>) -> &'static str {
    from.map_or("nothing", Status::as_str)
}

/// Whether the table has this change; staying the same is no change, and not in it (R-ST-1).
pub fn allowed(from: Option<Status>, to: Status) -> Result<(), ForbiddenTransition> {
    let known = TRANSITIONS.iter().any(|it| it.from == from && it.to == to);
    known.then_some(()).ok_or(ForbiddenTransition { from, to })
}

/// First half of `docs/transitions.md`.
pub fn transitions_markdown() -> String {
    let head = "# How an account's status may change\n\n\
        Printed from `TRANSITIONS` in `crates/policy/src/account.rs` (R-ST-1); a test keeps this page equal to it. \
        Any other change is refused.\n\n\
        | from | to | when |\n|---|---|---|\n";
    TRANSITIONS.iter().fold(head.to_owned(), |page, it| {
        let from = it.from.map_or("–".to_owned(), |from| format!("`{from}`"));
        format!("{page}| {from} | `{}` | {} |\n", it.to, it.when)
    })
}

#[cfg(test)]
mod tests;
