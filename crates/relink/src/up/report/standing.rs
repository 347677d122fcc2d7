//! Accounts that must be connected and are not: rows held against what the provider knows (R-ST-5).

use super::pace::Pace;
use jiff::{SignedDuration, Timestamp};
use policy::account::Status;
use simulator::control::{Presence, SessionView};
use std::collections::BTreeMap;
use store::report::Standing;

/// How long a session whose link never landed may be well before its account is connected (R-ORP-1).
const ORPHAN_MAX: SignedDuration = SignedDuration::from_mins(60);

/// The fleet when it was stopped, from both sides.
pub(crate) struct Standings {
    pub(crate) accounts: Vec<Standing>,
    pub(crate) sessions: Vec<SessionView>,
}

impl Standings {
    /// Accounts that are anything but connected though their own person's session is well for too long, in words.
    pub(crate) fn strays(&self, pace: &Pace) -> Vec<String> {
        let index = Index::of(&self.sessions);
        let wanted = self.accounts.iter().filter(|account| {
            !matches!(account.status, Status::Connected | Status::Disconnected)
                && !account.is_strangers
        });
        wanted
            .filter_map(|account| {
                let (session, link) = index.session_of(account)?;
                let since = session.well_since?;
                (pace.at > link.connected_by(since, pace)).then(|| {
                    let Standing { name, status, .. } = account;
                    let minutes = pace.at.duration_since(since).as_mins();
                    format!("{name}: {status}, session well for {minutes} min")
                })
            })
            .collect()
    }
}

/// Whether the account is linked to its session.
#[derive(Clone, Copy)]
enum SessionLink {
    Landed,
    Orphan,
}

impl SessionLink {
    /// An account that knows no person yet was never connected: its link did not land.
    fn of(account: &Standing) -> Self {
        match account.identity {
            Some(_) => Self::Landed,
            None => Self::Orphan,
        }
    }

    fn connected_by(self, since: Timestamp, pace: &Pace) -> Timestamp {
        match self {
            Self::Landed => pace.connected_by(since),
            Self::Orphan => {
                let wait = ORPHAN_MAX + pace.slack();
                since.checked_add(wait).unwrap_or(Timestamp::MAX)
            }
        }
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

    /// The account's own session, if its own person is behind it, and whether its link landed.
    fn session_of(&self, account: &Standing) -> Option<(&'a SessionView, SessionLink)> {
        let same = |text: &str, known: &Option<String>| {
            known
                .as_ref()
                .is_none_or(|it| it.eq_ignore_ascii_case(text))
        };
        let linked = account.session.as_deref().and_then(|id| self.ids.get(id));
        if let Some(session) = linked {
            let own = same(&session.identity, &account.identity);
            return own.then_some((session, SessionLink::of(account)));
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
        Some((session, SessionLink::Orphan))
    }
}

#[cfg(test)]
mod tests;
