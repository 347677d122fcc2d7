//! What the provider shows, and what it proves of one send once our other sends are known (R-CAP-6).
//!
//! Absence is proved, never inferred: an own item to that person which no other send of ours is may be this one in a
//! form that we do not recognise.

use super::call::{Receipt, Trace};
use super::resolve::ResolveFacts;
use super::{Action, SendState};
use crate::ids::SendId;
use jiff::{SignedDuration, Timestamp};

/// A copy of a mail of ours that is not listed by then is not kept.
const COPY_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// View of a send at the provider, before our other sends are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Standing of the person to the account, which tells it alone.
    State(Trace),
    /// Messages or e-mails of the account.
    Items(Items),
}

/// Items of the account's own, as far as they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items {
    /// In the order of the lists; in a mailbox also those to others that name a send.
    pub items: Vec<Item>,
    /// Reason why items are missing, for people; none where these are all that the provider has since the call.
    pub gap: Option<String>,
}

impl Items {
    /// Notes that something is missing; the first reason stays.
    pub fn lack(&mut self, why: &str) {
        self.gap.get_or_insert_with(|| why.to_owned());
    }
}

/// Own message or e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The provider's name for it: a message's id, an e-mail's tracking id.
    pub reference: Option<String>,
    /// The chat that it stands in.
    pub chat: Option<String>,
    /// Send whose label it carries.
    pub label: Option<SendId>,
    /// Receiver, beside the person that is looked for.
    pub addressee: Addressee,
    /// Likeness to the text that is looked for.
    pub text: Likeness,
    /// Age beside the call, by the provider's clock.
    pub age: Age,
}

/// Receiver of an item or of another send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressee {
    /// The person that is looked for.
    Target,
    /// Somebody else.
    Other,
}

/// A text beside the one that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// Alike, after folding.
    Same,
    /// Another, or a form that folding does not know.
    Other,
    /// Not readable, or forgotten.
    Unreadable,
}

/// An instant of the provider's beside its own clock before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Older by so much that no wrong timestamp explains it.
    LongBefore,
    /// Older, by more than the margin.
    Before,
    /// Of the time of the call, or later.
    Since,
    /// One of the two is not known.
    Untold,
}

/// Another send of the account by which something was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherSend {
    /// The send; e-mails carry it as their label.
    pub send: SendId,
    /// `sending`, `sent` or `unknown`.
    pub state: SendState,
    /// Receiver, beside the person that is looked for.
    pub addressee: Addressee,
    /// The provider's name for what came of it.
    pub reference: Option<String>,
    /// Likeness to the text that is looked for; not readable once it is forgotten.
    pub text: Likeness,
    /// Begin of its call, by our clock.
    pub called_at: Timestamp,
}

impl OtherSend {
    fn is(&self, item: &Item) -> bool {
        let named = self.reference.is_some() && self.reference == item.reference;
        named || item.label == Some(self.send)
    }

    /// Asks whether one of these items may be this send's.
    fn may_be_one_of(&self, matches: &[&Item]) -> bool {
        let unnamed = || matches.iter().any(|item| item.reference.is_none());
        self.addressee == Addressee::Target
            && self.text != Likeness::Other
            && (self.reference.is_none() || unnamed())
    }
}

/// Judges a sight of a send. `others` must have been asked after the provider: what it showed had begun by then.
pub fn judge(facts: &ResolveFacts, sight: &Sight, others: &[OtherSend], now: Timestamp) -> Trace {
    match sight {
        Sight::State(trace) => trace.clone(),
        Sight::Items(items) => said(facts, items, others, now),
    }
}

fn said(facts: &ResolveFacts, seen: &Items, others: &[OtherSend], now: Timestamp) -> Trace {
    let labelled = |item: &&Item| item.label == Some(facts.send);
    if let Some(item) = seen.items.iter().find(labelled) {
        return Trace::Found(receipt(item));
    }
    // Where labels are shown, an e-mail without one did not leave through us.
    let labels = seen.items.iter().any(|item| item.label.is_some());
    let unexplained: Vec<&Item> = seen
        .items
        .iter()
        .filter(|item| item.addressee == Addressee::Target && item.label.is_none())
        .filter(|item| !others.iter().any(|other| other.is(item)))
        .collect();
    let matches: Vec<&Item> = unexplained
        .iter()
        .copied()
        .filter(|item| item.text == Likeness::Same && item.age != Age::LongBefore && !labels)
        .collect();
    let rivals = others
        .iter()
        .filter(|other| !seen.items.iter().any(|item| other.is(item)))
        .filter(|other| other.may_be_one_of(&matches))
        .count();
    match matches.as_slice() {
        [] => absent(facts, seen, &unexplained, others, now),
        [first, ..] if rivals == 0 => Trace::Found(receipt(first)),
        // Each said it once, and there are more than the others can have said.
        more if more.len() > rivals => Trace::Found(Receipt::default()),
        _ => unclear("another send of ours may have said the same to this person"),
    }
}

fn absent(
    facts: &ResolveFacts,
    seen: &Items,
    unexplained: &[&Item],
    others: &[OtherSend],
    now: Timestamp,
) -> Trace {
    // Whoever dates e-mails may be wrong by years: the very subject is never too old.
    let misdated = |item: &Item| facts.action == Action::Email && item.text == Likeness::Same;
    let old = |item: &Item| matches!(item.age, Age::Before | Age::LongBefore) && !misdated(item);
    if let Some(why) = &seen.gap {
        return unclear(why);
    }
    if !unexplained.iter().all(|item| old(item)) {
        return unclear("an own item to this person may be it: no other send of ours explains it");
    }
    if facts.action == Action::Email && !keeps_copies(facts, seen, others, now) {
        return unclear("the mailbox shows no copy of our other e-mails of that time");
    }
    Trace::Absent
}

/// Asks whether the mailbox shows copies of our e-mails: of an e-mail since this call; where none is old enough, of the last
/// one before it.
fn keeps_copies(facts: &ResolveFacts, seen: &Items, others: &[OtherSend], now: Timestamp) -> bool {
    let is_shown = |other: &&OtherSend| seen.items.iter().any(|item| other.is(item));
    let sent = || others.iter().filter(|it| it.state == SendState::Sent);
    let listed_by = now.checked_sub(COPY_WITHIN).unwrap_or(Timestamp::MIN);
    let mut since = sent()
        .filter(|it| it.called_at > facts.sending_at && it.called_at <= listed_by)
        .peekable();
    if since.peek().is_some() {
        return since.any(|it| is_shown(&it));
    }
    let before = sent().filter(|it| it.called_at <= facts.sending_at);
    before
        .max_by_key(|it| it.called_at)
        .is_some_and(|it| is_shown(&it))
}

fn receipt(item: &Item) -> Receipt {
    Receipt {
        reference: item.reference.clone(),
        chat: item.chat.clone(),
        usage: None,
    }
}

fn unclear(why: &str) -> Trace {
    Trace::Unclear {
        why: why.to_owned(),
    }
}

#[cfg(test)]
mod tests;
