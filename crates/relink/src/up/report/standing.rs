//! Accounts that must be connected and are not: rows held against what the provider knows (R-ST-5).

use jiff::{SignedDuration, Timestamp};
use policy::account::Status;
use simulator::control::{Presence, SessionView};
use std::collections::BTreeMap;
use store::report::Standing;

/// How long a linked session may be well before its account is connected.
const LINKED_MAX: SignedDuration = SignedDuration::from_mins(15);
/// The same of a session whose link never landed (R-ORP-1).
const ORPHAN_MAX: SignedDuration = SignedDuration::from_mins(60);
/// What the machine may take on top: at a high speed a minute of the fleet is a blink of it.
const MACHINE_MAX: SignedDuration = SignedDuration::from_secs(5);

/// The fleet when it was stopped, from both sides.
pub(crate) struct Standings {
    pub(crate) accounts: Vec<Standing>,
    pub(crate) sessions: Vec<SessionView>,
    /// The fleet's clock before anything was stopped.
    pub(crate) at: Timestamp,
    /// How many seconds of the fleet's clock pass in one of the machine's.
    pub(crate) speed: f64,
}

impl Standings {
    /// Accounts that are anything but connected though their own person's session is well for too long, in words.
    pub(crate) fn strays(&self) -> Vec<String> {
        let index = Index::of(&self.sessions);
        let wanted = self.accounts.iter().filter(|account| {
            !matches!(account.status, Status::Connected | Status::Disconnected)
                && !account.is_strangers
        });
        wanted
            .filter_map(|account| {
                let (session, patience) = index.session_of(account)?;
                let well_for = self.at.duration_since(session.well_since?);
                (well_for > patience + self.slack()).then(|| {
                    let Standing { name, status, .. } = account;
                    let minutes = well_for.as_mins();
                    format!("{name}: {status}, session well for {minutes} min")
                })
            })
            .collect()
    }

    fn slack(&self) -> SignedDuration {
        SignedDuration::try_from_secs_f64(MACHINE_MAX.as_secs_f64() * self.speed)
            .unwrap_or(MACHINE_MAX)
    }
}

/// Live sessions by everything that could name one.
struct Index<'a> {
    ids: BTreeMap<&'a str, &'a SessionView>,
    people: BTreeMap<&'a str, &'a SessionView>,
    handles: BTreeMap<String, &'a SessionView>,
}

impl<'a> Index<'a> {
    fn of(sessions: &'a [SessionView]) -> Self {
        let live = || sessions.iter().filter(|it| it.presence == Presence::Live);
        Self {
            ids: live().map(|it| (it.id.as_str(), it)).collect(),
            people: live().map(|it| (it.identity.as_str(), it)).collect(),
            handles: live().map(|it| (it.handle.to_lowercase(), it)).collect(),
        }
    }

    /// The account's own session, if its own person is behind it, and how long that may take to be seen.
    fn session_of(&self, account: &Standing) -> Option<(&'a SessionView, SignedDuration)> {
        let same = |text: &str, known: &Option<String>| {
            known
                .as_ref()
                .is_none_or(|it| it.eq_ignore_ascii_case(text))
        };
        let linked = account.session.as_deref().and_then(|id| self.ids.get(id));
        if let Some(session) = linked {
            let own = same(&session.identity, &account.identity);
            return own.then_some((session, patience_of(account)));
        }
        let person = account
            .identity
            .as_deref()
            .and_then(|it| self.people.get(it));
        let declared = account
            .handle
            .as_deref()
            .and_then(|it| self.handles.get(it));
        let session = person.or(declared.filter(|_| account.identity.is_none()))?;
        Some((session, ORPHAN_MAX))
    }
}

/// An account that knows no person yet was never connected: its link did not land.
fn patience_of(account: &Standing) -> SignedDuration {
    match account.identity {
        Some(_) => LINKED_MAX,
        None => ORPHAN_MAX,
    }
}

#[cfg(test)]
mod tests;
