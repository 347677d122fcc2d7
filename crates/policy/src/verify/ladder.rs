//! Waits between looks at an account that does not verify (R-LNK-6).
//!
//! A look that proves nothing makes the next one wait longer, from 5 minutes to 6 hours: a session that never verifies is
//! asked for ten times in its first day, and four times in each later one. The wait ends early when the session changes,
//! when its owner tries anew, and, once a day, when a list shows the session in trouble in between.

use super::AccountRow;
use crate::account::Status;
use crate::ids::{AccountId, SessionId};
use jiff::{SignedDuration, Timestamp};

/// Waits after the first, second, … look in a row that proved nothing; the last one stands for all later ones.
const WAITS: [SignedDuration; 8] = [
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(10),
    SignedDuration::from_mins(20),
    SignedDuration::from_mins(40),
    SignedDuration::from_mins(80),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(3),
    SignedDuration::from_hours(6),
];

/// A look due at a tick of the watch is asked for by that tick, however late the look before it came after its own.
const EARLY: SignedDuration = SignedDuration::from_mins(1);

/// Looks of long ago say nothing about now: something else has happened in between.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(6);

/// Looks in a row that proved nothing after which operators hear of it.
pub const STUCK_AFTER: u16 = 3;

/// Looks that one run of the watch asks for at once; more of them are spread.
const AT_ONCE: usize = 50;
/// Time that each look of a larger number adds to their spread: 250 a minute.
const EACH: SignedDuration = SignedDuration::from_millis(240);
/// Longest spread: all of a run's looks are made before the next run asks.
const SPREAD_MAX: SignedDuration = SignedDuration::from_mins(4);

/// Part of a decision about looks that verify accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VerificationChanges {
    /// At most one an account; each replaces what was known of its earlier looks.
    pub looks: Vec<NotedLook>,
}

/// Look at an account's session and owner, as it is remembered for the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedLook {
    /// Account that was looked at.
    pub account: AccountId,
    /// `status_version` that the account has after the look.
    pub version: i64,
    /// Session that was asked.
    pub session: SessionId,
    /// Looks in a row that proved nothing, this one included; 0 once one proved something.
    pub tries: u16,
    /// Earliest instant of the next look.
    pub next_at: Timestamp,
    /// Reason why nothing was proved, in the provider's codes; names nobody.
    pub why: String,
    /// Whether the provider said that this session may not act.
    pub refused: bool,
}

/// Newest look at an account, as it was noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriorLook {
    /// `status_version` that the account had after it.
    pub version: i64,
    /// Session that was asked.
    pub session: SessionId,
    /// Looks in a row that proved nothing.
    pub tries: u16,
    /// Earliest instant of the next look.
    pub next_at: Timestamp,
}

/// Whether a look may be made now, whoever asks for it.
pub fn is_due(row: &AccountRow, prior: Option<&PriorLook>, now: Timestamp) -> bool {
    standing(row, prior, now).is_none_or(|it| it.tries == 0 || it.next_at <= now)
}

/// Looks in a row before this one that proved nothing about the session as it is now.
pub(super) fn tries_before(row: &AccountRow, prior: Option<&PriorLook>, now: Timestamp) -> u16 {
    standing(row, prior, now).map_or(0, |it| it.tries)
}

/// The newest look, if it says anything about the account as it is now.
fn standing<'a>(
    row: &AccountRow,
    prior: Option<&'a PriorLook>,
    now: Timestamp,
) -> Option<&'a PriorLook> {
    prior.filter(|it| {
        let same_session = row.session.as_ref() == Some(&it.session);
        let tried_anew = row.status == Status::Connecting && row.version != it.version;
        let is_recent = now.duration_since(it.next_at) <= FORGOTTEN_AFTER;
        same_session && !tried_anew && is_recent
    })
}

/// Earliest instant of the look after `tries` looks in a row that proved nothing, the last of them at `looked_at`.
pub(crate) fn next_look(tries: u16, looked_at: Timestamp) -> Timestamp {
    let step = usize::from(tries.saturating_sub(1)).min(WAITS.len() - 1);
    let wait = WAITS[step].saturating_sub(EARLY);
    looked_at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// Instant at which an account is asked for, one of `together` that a run of the watch asks for (R-LNK-6).
///
/// The provider asks LinkedIn itself for each of them: after a blip of a large fleet they must not come all at once.
pub fn paced(account: AccountId, together: usize, now: Timestamp) -> Timestamp {
    if together <= AT_ONCE {
        return now;
    }
    let each = EACH.as_millis();
    let spread = i128::try_from(together)
        .unwrap_or(i128::MAX)
        .saturating_mul(each);
    let spread = spread.min(SPREAD_MAX.as_millis());
    // The last bytes of an id are random.
    let share = i128::from(account.0.as_u64_pair().1 & u64::from(u32::MAX));
    let wait = spread.saturating_mul(share) >> 32;
    let wait = SignedDuration::from_millis(i64::try_from(wait).unwrap_or(0));
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
