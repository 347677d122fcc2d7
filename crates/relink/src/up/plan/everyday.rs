//! How the provider's people behave on an ordinary day, and the one account that is truly restricted.

use super::{LINKEDIN, Plan};
use jiff::{SignedDuration, Timestamp};
use policy::ids::AccountId;
use simulator::control::{Acceptance, Act, Everyday, Manners, Rate, Span, Step};
use std::collections::BTreeMap;
use store::seed::Account;

/// Script's instant of the restriction, in seconds.
const RESTRICTED_AT: f64 = 600.0;
/// People whom a sender wrote to before and is not connected to any more, one in so many.
const LOST_ONE_IN: usize = 16;

/// Everybody is refused something now and then. Those who accept do so before the step after the invitation comes due;
/// all who do not refuse that step, and stay a minority of each campaign's people.
pub(crate) fn manners() -> Manners {
    Manners {
        strict_relations: true,
        // A free account's notes run out on its first day, and its invitations go on without them.
        free_notes: Some(12),
        everyday: Everyday {
            connected: Rate(0.04),
            invited: Rate(0.03),
            withdrawn: Rate(0.02),
            unreachable: Rate(0.03),
        },
        acceptance: Some(Acceptance {
            rate: Rate(0.8),
            after_seconds: Span { min: 60, max: 420 },
        }),
        ..Manners::default()
    }
}

/// Relations of each session, of the people whom it is to have known before.
pub(crate) fn relations(known: Vec<(String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut relations: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (number, (session, member)) in known.into_iter().enumerate() {
        let members = relations.entry(session).or_default();
        if number % LOST_ONE_IN != LOST_ONE_IN - 1 {
            members.push(member);
        }
    }
    relations
}

impl Plan {
    /// The network restricts an account that sends at any hour, so that it is soon met.
    pub(super) fn restriction(&mut self) {
        let first = self.fleet.campaigns.first().map(|it| it.workspace);
        let senders = self.fleet.campaigns.iter().flat_map(|it| &it.senders);
        let account = |id: &AccountId| {
            let id = *id;
            self.fleet.accounts.iter().find(move |it| it.id == id)
        };
        let mut senders = senders.filter_map(account);
        // The first workspace loses most of its sessions at once.
        let sender = senders.find(|it| Some(it.workspace) != first && sends_at_any_hour(it));
        let Some(session) = sender.and_then(|it| it.session.clone()) else {
            return;
        };
        self.script.steps.push(Step {
            at_seconds: RESTRICTED_AT,
            session,
            act: Act::Restricted,
            ..Step::default()
        });
    }

    /// Sessions that the provider restricts, each with the instant, by a script that begins at `from`.
    pub(crate) fn restricted(&self, from: Timestamp) -> BTreeMap<String, Timestamp> {
        let steps = self.script.steps.iter();
        let restricted = steps.filter(|it| it.act == Act::Restricted);
        restricted
            .map(|it| {
                let after = SignedDuration::try_from_secs_f64(it.at_seconds).unwrap_or_default();
                let at = from.checked_add(after).unwrap_or(Timestamp::MAX);
                (it.session.clone(), at)
            })
            .collect()
    }
}

fn sends_at_any_hour(account: &Account) -> bool {
    let rules = account.rules.as_ref();
    account.kind == LINKEDIN
        && rules.is_some_and(|it| it.end_minute - it.start_minute == 24 * 60 && it.ramp_start > 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_is_restricted_in_fleets_of_every_size() {
        let from = Timestamp::from_second(1_800_000_000).expect("an instant");
        for accounts in [40, 60, 200, 1_000] {
            let plan = Plan::of(accounts, from);
            let restricted = plan.restricted(from);
            assert_eq!(restricted.len(), 1, "{accounts}");
            let at = from + SignedDuration::from_mins(10);
            assert!(restricted.values().all(|it| *it == at));
            let is_planted =
                |id: &String| plan.sessions.iter().any(|it| it.id.as_ref() == Some(id));
            assert!(restricted.keys().all(is_planted));
        }
    }

    #[test]
    fn a_sender_knows_most_of_those_it_writes_to() {
        let known = (0..160).map(|number| ("s1".to_owned(), number.to_string()));
        let relations = relations(known.collect());
        assert_eq!(relations["s1"].len(), 150);
    }
}
