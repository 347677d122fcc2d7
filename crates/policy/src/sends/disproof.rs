//! Holds that the return of an account disproves (R-CAP-8, R-HEAL-2). One table.

use super::blame::Blame;
use super::settle::are_too_many;
use crate::class::Class;
use crate::holds::HoldReason;
use crate::ids::AccountId;
use std::fmt::Write as _;

/// Refusals that say only that the session was not usable. Its return ends their cause, so they say nothing any more.
pub const OF_THE_SESSION: [Class; 3] = [Class::Reconnect, Class::Checkpoint, Class::Gone];

/// A send that a protective hold was judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Party that it speaks of; none where it went well.
    pub blame: Option<Blame>,
    /// Class of its refusal; none where it has none.
    pub class: Option<Class>,
}

/// Protective hold that the account's return disproves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disproved {
    /// Account that is held.
    pub account: AccountId,
    /// One send must succeed first: the hold before this one had no better cause to end.
    pub probe: bool,
    /// Reason for the audit row, for people.
    pub note: String,
}

/// Judges a protective hold anew, of an account that came back after it was held; `judged` has the newest first. It stands
/// where what remains without the session's refusals is still too much; none then.
pub fn disproof(account: AccountId, judged: &[Judged]) -> Option<Disproved> {
    let is_own = |one: &&Judged| one.blame == Some(Blame::Account);
    let of_session =
        |one: &&Judged| is_own(one) && one.class.is_some_and(|it| OF_THE_SESSION.contains(&it));
    let own = judged.iter().filter(is_own).count();
    let gone = judged.iter().filter(of_session).count();
    let raised_by_count = are_too_many(own, judged.len());
    // A hold that no count explains came from the one send that had to succeed: the newest failure.
    let newest_is_of_session = judged.iter().find(is_own).as_ref().is_some_and(of_session);
    let stands = if raised_by_count {
        are_too_many(own - gone, judged.len() - gone)
    } else {
        !newest_is_of_session
    };
    (gone > 0 && !stands).then(|| Disproved {
        account,
        probe: !raised_by_count,
        note: format!(
            "its session came back: {gone} of {own} failures of the last {} sends spoke of the session alone",
            judged.len()
        ),
    })
}

/// Table of `docs/sends.md`: each hold, what ends it, and what a return of the account says of it.
pub fn table() -> String {
    let mut table = "| hold | ended by | the account connected again |\n|---|---|---|\n".to_owned();
    for reason in HoldReason::ALL {
        let (ended_by, returned) = row(reason);
        let reason = reason.as_str();
        writeln!(table, "| `{reason}` | {ended_by} | {returned} |").expect("write to a string");
    }
    table
}

fn row(reason: HoldReason) -> (&'static str, &'static str) {
    match reason {
        HoldReason::Restricted => (
            "a person",
            "says nothing: LinkedIn restricts whoever is connected",
        ),
        HoldReason::Protective => (
            "time, then one send that succeeds; a person",
            "disproves refusals `reconnect`, `checkpoint` and `gone` of before; without them it ends at once, unless the rest is still too much",
        ),
        HoldReason::Subscription => ("the subscription renewed", "says nothing"),
        HoldReason::Operator => ("its time, or a person", "says nothing: a person knew why"),
        HoldReason::WrongAccount => (
            "a look that finds the known person; a person",
            "is that look: the account is connected again only as the known person",
        ),
        HoldReason::SessionGone => ("the end of its session's case", "ends the case"),
    }
}

#[cfg(test)]
mod tests;
