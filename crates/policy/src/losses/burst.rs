//! Whether losses of one kind of accounts and one cause are a burst (R-WAT-6).

use crate::account::Cause;
use crate::decision::Alert;
use jiff::SignedDuration;
use serde_json::json;

/// Time in which losses are one burst.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// Time before the window that says what is usual.
pub const HISTORY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Losses of one window that are no burst, however small the fleet.
pub const LOSSES_MIN: i64 = 5;

/// A burst is more than this many times the mean of a window.
pub const TIMES_USUAL: i64 = 5;

/// Windows of the history.
pub const WINDOWS: i64 = HISTORY.as_secs() / WINDOW.as_secs();

/// A burst is more than one in so many accounts of the kind.
const ONE_IN: i64 = 20;

/// Losses of one kind of accounts and one cause, as one transaction that loses some sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LossCount {
    /// Kind of the accounts, in the provider's word.
    pub kind: String,
    /// Cause of the losses.
    pub cause: Cause,
    /// Losses of this very transaction.
    pub own: i64,
    /// Losses of others within [`WINDOW`].
    pub earlier: i64,
    /// Losses within [`HISTORY`] before the window.
    pub history: i64,
    /// Accounts of the kind that are not disconnected; counted no further than 20 times the losses, where more change
    /// nothing, and 0 where none does.
    pub accounts: i64,
}

/// Place of one transaction's losses among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LossPace {
    /// No burst: owners are told at once.
    Usual,
    /// This transaction's losses make it a burst.
    BurstBegins,
    /// It was a burst before.
    Burst,
}

/// Whether so many losses of a window are more than `max(5, min(5 % of the kind, 5 × the mean of a window))`, counted
/// without rounding.
pub const fn is_burst(losses: i64, history: i64, accounts: i64) -> bool {
    let exceeds_share = accounts < losses.saturating_mul(ONE_IN);
    let exceeds_usual = history.saturating_mul(TIMES_USUAL) < losses.saturating_mul(WINDOWS);
    LOSSES_MIN < losses && (exceeds_share || exceeds_usual)
}

impl LossCount {
    /// Losses of the window, this transaction's with them.
    pub const fn losses(&self) -> i64 {
        self.own.saturating_add(self.earlier)
    }

    /// Judges them.
    pub const fn pace(&self) -> LossPace {
        if !is_burst(self.losses(), self.history, self.accounts) {
            LossPace::Usual
        } else if is_burst(self.earlier, self.history, self.accounts) {
            LossPace::Burst
        } else {
            LossPace::BurstBegins
        }
    }
}

/// Single alert of a burst, raised when it begins.
pub fn burst_alert(count: &LossCount) -> Alert {
    Alert {
        code: "loss_burst",
        subject: format!("{} {}", count.kind, count.cause),
        detail: json!({
            "kind": count.kind,
            "cause": count.cause.as_str(),
            "losses_15_min": count.losses(),
            "losses_7_days": count.history,
        }),
    }
}
