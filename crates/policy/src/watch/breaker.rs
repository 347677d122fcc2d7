//! The mass-change breaker (R-WAT-3).

use super::RunVerdict;
use crate::decision::Alert;
use crate::watch::due::AccountShare;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

/// Losses that are always believed, however small the fleet.
const LOSSES_ALWAYS: i64 = 5;
/// One in so many of the watched fleet is believed beyond that.
const LOSSES_FRACTION: i64 = 4;

/// What a whole run found, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunCounts {
    /// The run.
    pub slot: Timestamp,
    /// Sessions that the provider listed.
    pub sessions_listed: i64,
    /// Accounts with a linked session.
    pub watched: i64,
    /// Losses of the watched fleet that no run and no look has stopped yet.
    pub new_losses: i64,
    /// Accounts that were lost within the hour before by any way, those among the new losses not counted again.
    pub lost_before: i64,
    /// Watched accounts whose session the list did not hold, where a case could be opened. They are no losses yet.
    pub absent: i64,
    /// Watched accounts with a word that we do not know, and with nothing else to be done.
    pub unknown: i64,
    /// Words that we do not know, the most frequent first, whatever else was found of their accounts.
    pub odd: Vec<OddWord>,
    /// Accounts to verify.
    pub verifiable: i64,
    /// Some of the new losses, for the alert.
    pub sample: Vec<String>,
    /// Everything that is proposed, in shares of one job each.
    pub shares: Vec<AccountShare>,
}

/// A word of the provider's that we do not know (R-ST-3).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OddWord {
    /// The word; empty for a session without any.
    pub word: String,
    /// Accounts with it.
    pub accounts: i64,
    /// Some of them.
    pub sample: Vec<String>,
}

/// Judgement of a run, with its alerts.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What becomes of its losses; none if the list is empty, and the run says nothing.
    pub verdict: Option<RunVerdict>,
    /// What operators must hear.
    pub alerts: Vec<Alert>,
}

/// The largest number of losses within an hour that goes unasked: 5, or 25 % of the watched fleet where that is more.
pub fn loss_threshold(watched: i64) -> i64 {
    // Rounding down is exact: a whole number exceeds a quarter exactly when it exceeds the quarter rounded down.
    LOSSES_ALWAYS.max(watched / LOSSES_FRACTION)
}

/// Judges a whole run before any of it is applied (R-WAT-3).
///
/// The hour before counts with it, so that slices do not pass. Absent sessions do not: each is a case, and cases have a
/// breaker of their own.
pub fn judge(counts: &RunCounts) -> Judgement {
    let empty = counts.sessions_listed == 0 && counts.watched > 0;
    let lost = counts.new_losses.saturating_add(counts.lost_before);
    let mass = counts.new_losses > 0 && lost > loss_threshold(counts.watched);
    let verdict = match (empty, mass) {
        (true, _) => None,
        (false, true) => Some(RunVerdict::Abort),
        (false, false) => Some(RunVerdict::Apply),
    };
    let breaker = match verdict {
        None => Some(alert("empty_list", counts)),
        Some(RunVerdict::Abort) => Some(alert("mass_change", counts)),
        Some(RunVerdict::Apply) => None,
    };
    let odd = counts.odd.iter().map(|odd| odd_word(odd, counts.slot));
    let alerts = breaker.into_iter().chain(odd).collect();
    Judgement { verdict, alerts }
}

/// One alert a word: its accounts come and go, and it is the word that somebody must explain.
fn odd_word(odd: &OddWord, slot: Timestamp) -> Alert {
    let OddWord {
        word,
        accounts,
        sample,
    } = odd;
    let shown = if word.is_empty() { "no word" } else { word };
    Alert {
        code: "unknown_status",
        subject: format!("word {shown}"),
        detail: json!({ "run": slot, "word": word, "accounts": accounts, "sample": sample }),
    }
}

/// The subject is the watch and not the run, so that trouble that lasts counts one alert up.
fn alert(code: &'static str, counts: &RunCounts) -> Alert {
    Alert {
        code,
        subject: "status.watch".to_owned(),
        detail: json!({
            "run": counts.slot,
            "sessions_listed": counts.sessions_listed,
            "watched": counts.watched,
            "losses": counts.new_losses,
            "losses_last_hour": counts.lost_before,
            "absent": counts.absent,
            "unknown": counts.unknown,
            "threshold": loss_threshold(counts.watched),
            "sample": counts.sample,
            "type": typed(counts.slot),
        }),
    }
}

/// Commands that answer what a run stopped.
fn typed(slot: Timestamp) -> [String; 3] {
    [
        format!("relink watch show {slot}"),
        format!("relink watch accept {slot} --reason …"),
        format!("relink watch refuse {slot} --reason …"),
    ]
}

#[cfg(test)]
mod tests;
