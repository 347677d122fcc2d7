//! Accounts that are called connected: each must have a live session of its own person, by the provider's truth (R-LNK-3,
//! R-LNK-4, R-LNK-5).

use super::pace::Pace;
use super::standing::Standings;
use crate::up::witness::Witness;
use jiff::{SignedDuration, Timestamp};
use policy::account::Status;
use policy::ids::AccountId;
use simulator::control::{Presence, SessionView};
use std::collections::BTreeMap;
use store::report::Standing;

/// How long a session may be gone before its case is confirmed, three spaced polls and their waits included.
const GONE_MAX: SignedDuration = SignedDuration::from_mins(60);

/// What the provider and the owners know.
pub(crate) struct Truth<'a> {
    pub(crate) witness: &'a Witness,
    /// Profile that the owner of an account signed in with last.
    pub(crate) signed_in: &'a BTreeMap<AccountId, String>,
}

impl Standings {
    /// Connected accounts whose session is not a live one of their own person, in words; what is too new to be known here is
    /// left out.
    pub(crate) fn unproven(&self, truth: &Truth<'_>, pace: &Pace) -> Vec<String> {
        let sessions: BTreeMap<&str, &SessionView> = self
            .sessions
            .iter()
            .map(|it| (it.id.as_str(), it))
            .collect();
        let connected = self
            .accounts
            .iter()
            .filter(|account| account.status == Status::Connected && !account.is_strangers);
        connected
            .filter_map(|account| {
                let session = account.session.as_deref().and_then(|id| sessions.get(id));
                let why = wrong(account, session.copied(), truth, pace)?;
                Some(format!("{}: connected, {why}", account.name))
            })
            .collect()
    }
}

fn wrong(
    account: &Standing,
    session: Option<&SessionView>,
    truth: &Truth<'_>,
    pace: &Pace,
) -> Option<&'static str> {
    let Some(session) = session else {
        return Some("the provider never had its session");
    };
    let long_ago = |max: SignedDuration| {
        let since = truth.witness.broken_since(&session.id);
        let by = since.and_then(|it| it.checked_add(max + pace.lag()).ok());
        by.unwrap_or(Timestamp::MIN) < pace.at
    };
    let is = |known: Option<&str>, seen: &str| known.is_none_or(|it| it.eq_ignore_ascii_case(seen));
    let signed_in = truth.signed_in.get(&account.account).map(String::as_str);
    if session.presence != Presence::Live && long_ago(GONE_MAX) {
        return Some("its session is gone");
    }
    // A stranger is found by the next run of the watch.
    let is_own = is(account.identity.as_deref(), &session.identity);
    if !is_own && long_ago(SignedDuration::ZERO) {
        return Some("its session is another person's");
    }
    let is_theirs = !is_own || is(signed_in, &session.handle);
    (!is_theirs).then_some("its session is not the one that its owner signed in to")
}

#[cfg(test)]
mod tests;
