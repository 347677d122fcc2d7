//! Which of a sender's offers goes next, and which rest until when (R-CAP-4).

use super::decided::{Closed, Plan};
use super::sender::{ActionFacts, Sender};
use super::slot::{Reason, Slot, next_instant};
use jiff::{SignedDuration, Timestamp};

/// What never may go as things stand is looked at again after that.
const NEVER: SignedDuration = SignedDuration::from_hours(1);
/// A call on its way is over within a minute; its account must not rest for an hour because of it.
const BUSY: SignedDuration = SignedDuration::from_mins(1);

/// The best enrollment's step for one action of a sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is known of its action.
    pub facts: ActionFacts,
}

/// What becomes of a sender's offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The one that goes next, if one may soon.
    pub plan: Option<Plan>,
    /// Those that may not soon.
    pub closed: Vec<Closed>,
}

/// Plans the first offer that may go within the horizon, and closes each that may not until it may.
///
/// Offers come in the order of fairness, one an action, the best first. One that may go but is not the first is left
/// as it is: the next look finds it.
pub fn choose(
    sender: &Sender,
    offers: &[Offer],
    now: Timestamp,
    horizon: SignedDuration,
) -> Choice {
    let until = later(now, horizon);
    let mut choice = Choice::default();
    for (candidate, offer) in offers.iter().enumerate() {
        match next_instant(sender, &offer.facts, now) {
            Slot::At { at, .. } if at <= until => {
                choice.plan.get_or_insert(Plan { candidate, at });
            }
            slot => choice.closed.push(closed(sender, offer, &slot, now)),
        }
    }
    choice
}

fn closed(sender: &Sender, offer: &Offer, slot: &Slot, now: Timestamp) -> Closed {
    let (until, rule) = match slot {
        Slot::At { at, rule } => (*at, rule.as_ref().map_or("none", |it| it.as_str())),
        Slot::Never(reason) => (later(now, rest(reason)), reason.as_str()),
    };
    Closed {
        account: sender.account,
        action: offer.facts.action,
        until,
        rule,
    }
}

fn rest(reason: &Reason) -> SignedDuration {
    match reason {
        Reason::Busy | Reason::Probing => BUSY,
        Reason::Status(_)
        | Reason::Hold { .. }
        | Reason::NoCap { .. }
        | Reason::BadRules(_)
        | Reason::NoWindow
        | Reason::NoRamp
        | Reason::Unsettled => NEVER,
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
