//! What an account did by hand counts like its sends, and is shown apart from them (R-CAP-10). Never is anything added to
//! an allowance because of it.

use super::Action;
use super::sender::ActionFacts;
use crate::ids::AccountId;
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;

/// Older invitations are in no window any more. The last hour is for clocks that differ.
const LISTED_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24 + 1);
/// The day's look at a list is spread over this long, so that accounts whose windows open together do not ask together.
const SPREAD_SECONDS: u128 = 600;

/// An invitation in the provider's list of those that wait for an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedInvitation {
    /// The provider's name for it.
    pub id: Option<String>,
    /// Names of the invited person: the provider's id, the public one.
    pub person: Vec<String>,
    /// When it was sent, by the provider's clock; none where that cannot be read.
    pub sent_at: Option<Timestamp>,
}

/// What could be read of that list, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentInvitations {
    /// Those that were read.
    pub items: Vec<ListedInvitation>,
    /// Reason why some of the last week may be missing, for people.
    pub gap: Option<String>,
}

/// An invitation that Relink sent, or may have sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnInvitation {
    /// The person, as the enrollment names them.
    pub target: String,
    /// The provider's name for it, where it answered.
    pub reference: Option<String>,
}

/// Something that the account did by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandSend {
    /// The account.
    pub account: AccountId,
    /// What was done.
    pub action: Action,
    /// Name by which it is noted once, however often it is read.
    pub mark: String,
    /// Instant from which it counts; never after the look.
    pub at: Timestamp,
}

/// Instants of everything that takes capacity of an action, oldest first.
pub fn taken(facts: &ActionFacts) -> Cow<'_, [Timestamp]> {
    if facts.by_hand.is_empty() {
        return Cow::Borrowed(&facts.counted);
    }
    let mut all = [facts.counted.as_slice(), &facts.by_hand].concat();
    all.sort_unstable();
    Cow::Owned(all)
}

/// The earliest instant from which an invitation still counts.
pub fn listed_since(now: Timestamp) -> Timestamp {
    now.checked_sub(LISTED_WITHIN).unwrap_or(Timestamp::MIN)
}

/// When an account's list is looked at, of an account that is about to invite.
pub fn look_at(account: AccountId, now: Timestamp) -> Timestamp {
    let later = i64::try_from(account.0.as_u128() % SPREAD_SECONDS).unwrap_or(0);
    now.checked_add(SignedDuration::from_secs(later))
        .unwrap_or(now)
}

/// Invitations of the last week that are not ours. `own` must have been asked after the list was read: whatever it showed
/// had been reserved by then. One that names neither itself nor a person, or no time, says nothing.
pub fn not_ours(
    account: AccountId,
    own: &[OwnInvitation],
    listed: &[ListedInvitation],
    now: Timestamp,
) -> Vec<HandSend> {
    let since = listed_since(now);
    let is_ours = |item: &ListedInvitation| {
        own.iter().any(|ours| {
            let named = |name: &String| name.eq_ignore_ascii_case(&ours.target);
            (item.id.is_some() && item.id == ours.reference) || item.person.iter().any(named)
        })
    };
    let foreign = listed.iter().filter(|item| !is_ours(item));
    let noted = foreign.filter_map(|item| {
        Some(HandSend {
            account,
            action: Action::Invite,
            mark: item.id.clone().or_else(|| item.person.first().cloned())?,
            at: item.sent_at.filter(|at| *at > since)?.min(now),
        })
    });
    noted.collect()
}

#[cfg(test)]
mod tests;
