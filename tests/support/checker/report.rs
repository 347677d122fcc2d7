//! What is printed of a history.

use super::blame;
use super::history::{History, Outage, Send};
use super::rules::recovering;
use super::{Broken, Violation};
use jiff::SignedDuration;
use uuid::Uuid;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What became of unknown outcomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unknowns {
    /// Sends that were ever unknown.
    pub ever: usize,
    /// Found at the provider.
    pub sent: usize,
    /// Provably absent.
    pub failed: usize,
    /// Still unclear, and somebody was told.
    pub alerted: usize,
}

/// An account of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account(Uuid);

impl History {
    /// What became of unknown outcomes.
    pub fn unknown(&self) -> Unknowns {
        self.tally(|_| true)
    }

    fn tally(&self, wanted: impl Fn(&Send) -> bool) -> Unknowns {
        let mut unknowns = Unknowns::default();
        let unknown = self.sends.iter().filter(|send| send.was_unknown);
        for send in unknown.filter(|send| wanted(send)) {
            unknowns.ever += 1;
            match send.state.as_str() {
                "sent" => unknowns.sent += 1,
                "failed" => unknowns.failed += 1,
                _ => unknowns.alerted += usize::from(send.is_alerted),
            }
        }
        unknowns
    }

    /// The same, of one action.
    pub fn unknown_of(&self, action: &str) -> Unknowns {
        self.tally(|send| send.action == action)
    }

    /// Every hold and pause that ever was, with its cause.
    pub fn stops(&self) -> Vec<String> {
        blame::stops(self)
    }

    /// Accounts that were ever held, each with its reasons.
    pub fn held(&self) -> Vec<(String, String)> {
        let mut held: Vec<(String, String)> = self
            .holds
            .iter()
            .map(|hold| (hold.name.clone(), hold.reason.clone()))
            .collect();
        held.sort();
        held.dedup();
        held
    }

    /// R-CAP-4: of these accounts, whose people are due, those none of whose sends was ever called.
    pub fn starved(&self, names: &[&str]) -> Vec<Violation> {
        let is_called = |account: Uuid| {
            let mut mine = self.sends.iter().filter(|send| send.account == account);
            mine.any(|send| send.sending_at.is_some())
        };
        let starved = names.iter().filter(|name| !is_called(self.named(name).0));
        starved
            .map(|name| Violation {
                of: Broken::Starved,
                what: format!("{name} never sends"),
            })
            .collect()
    }

    /// Sends whose call was begun.
    pub fn called(&self) -> usize {
        self.sends
            .iter()
            .filter(|send| send.sending_at.is_some())
            .count()
    }

    /// The account of that name.
    pub fn named(&self, name: &str) -> Account {
        let found = self.names.iter().find(|(_, known)| *known == name);
        Account(*found.expect("an account of that name").0)
    }

    fn longest(&self, account: Account) -> Outage {
        let outages = self.outages.get(&account.0).into_iter().flatten();
        *outages
            .max_by_key(|outage| outage.length)
            .expect("an outage")
    }

    /// How long an account's longest outage was, for people.
    pub fn longest_outage(&self, account: Account) -> String {
        let outage = self.longest(account);
        let hours = outage.length.as_hours();
        format!("{} d {} h, back {}", hours / 24, hours % 24, outage.until)
    }

    /// Days of 24 hours after an account's longest outage: which, the allowance, the referee's effects.
    pub fn after_outage(&self, account: Account, action: &str) -> Vec<(i64, i64, i64)> {
        let outage = self.longest(account);
        let mine = self.effects.iter().filter(|effect| {
            effect.action.name() == action
                && self.accounts_of.get(&effect.session) == Some(&account.0)
        });
        let since: Vec<SignedDuration> = mine
            .map(|effect| effect.at.duration_since(outage.until))
            .collect();
        let last = since.iter().max().map_or(0, |last| last.as_hours() / 24);
        let of_day = |day: i64| {
            let from = DAY * i32::try_from(day).unwrap_or(0);
            let sends = since
                .iter()
                .filter(|at| from <= **at && **at < from + DAY)
                .count();
            let at = outage.until.checked_add(from).unwrap_or(outage.until);
            let cap = i64::from(self.caps(account.0, action, at, at).0);
            (
                day,
                recovering(cap, &outage, day).clamp(1, cap),
                i64::try_from(sends).unwrap_or(i64::MAX),
            )
        };
        (0..=last).map(of_day).collect()
    }
}
