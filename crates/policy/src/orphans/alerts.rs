//! What operators are told of orphans: once, with the candidates, and without naming anybody (R-ORP-2).

use super::{Finding, Neighbourhood, Owner, Refusal, Unclaimed, Waiting};
use crate::decision::Alert;
use crate::ids::{AccountId, SessionId};
use crate::verify::wrong_account;
use serde_json::{Value, json};

/// An alert that was raised earlier, acknowledged or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierAlert {
    /// Its code.
    pub code: String,
    /// What it was about.
    pub subject: String,
    /// What it said.
    pub detail: Value,
}

/// The one alert about sessions that have had no account for more than a day (R-ORP-3). They are billed; nothing
/// deletes them by itself.
pub fn ghosts_alert(count: i64, sample: &[String]) -> Alert {
    Alert {
        code: "ghost_sessions",
        subject: "provider".to_owned(),
        detail: json!({ "sessions": count, "oldest": sample }),
    }
}

/// Handle of which enough is left to be recognised by whoever knows it: `j…e`, `j…e@x.example`.
pub fn masked(handle: &str) -> String {
    let (name, server) = match handle.rsplit_once('@') {
        Some((name, server)) => (name, format!("@{server}")),
        None => (handle, String::new()),
    };
    let mut letters = name.chars();
    match (letters.next(), letters.next_back()) {
        (Some(first), Some(last)) if name.chars().count() > 4 => {
            format!("{first}…{last}{server}")
        }
        (Some(first), _) => format!("{first}…{server}"),
        (None, _) => format!("…{server}"),
    }
}

/// Alert about a finding that is no match, unless it says nothing that was not said before.
pub(super) fn news(neighbourhood: &Neighbourhood, finding: &Finding) -> Option<Alert> {
    let alert = match finding {
        Finding::Match { .. } => return None,
        Finding::Ambiguous {
            account,
            candidates,
        } => ambiguous(neighbourhood, *account, candidates),
        Finding::Refused { account, why } => refused(*account, why),
    };
    let known = |it: &EarlierAlert| it.code == alert.code && it.subject == alert.subject;
    let mut earlier = neighbourhood.told.iter().filter(|it| known(it));
    (!earlier.any(|it| says_as_much(&it.detail, &alert.detail))).then_some(alert)
}

/// Whether an earlier alert named every candidate, or every claimant of that session, that this one does. A claimant's
/// status is shown, and its change is no news.
fn says_as_much(earlier: &Value, now: &Value) -> bool {
    if earlier.get("session") != now.get("session") {
        return false;
    }
    let named = |detail: &Value, list: &str, id: &str| -> Option<Vec<Value>> {
        let all = detail.get(list)?.as_array()?;
        Some(all.iter().map(|it| it[id].clone()).collect())
    };
    for (list, id) in [("candidates", "session"), ("claimed_by", "account")] {
        if let (Some(earlier), Some(now)) = (named(earlier, list, id), named(now, list, id)) {
            return now.iter().all(|it| earlier.contains(it));
        }
    }
    earlier == now
}

fn ambiguous(neighbourhood: &Neighbourhood, account: AccountId, candidates: &[SessionId]) -> Alert {
    let of = |waiting: &&Waiting| waiting.row.account == account;
    let waiting = neighbourhood.waiting.iter().find(of);
    let declared = waiting.and_then(|it| it.declared.as_deref());
    let shown = |id: &SessionId| {
        let of = |it: &&Unclaimed| it.session.id == *id;
        let session = neighbourhood.sessions.iter().find(of).map(|it| &it.session);
        json!({
            "session": id,
            "kind": session.map(|it| it.kind.as_str()),
            "handle": session.and_then(|it| it.handle.as_deref()).map(masked),
        })
    };
    Alert {
        code: "orphan_ambiguous",
        subject: subject(account),
        detail: json!({
            "declared": declared.map(masked),
            "candidates": candidates.iter().map(shown).collect::<Vec<_>>(),
        }),
    }
}

fn refused(account: AccountId, why: &Refusal) -> Alert {
    match why {
        Refusal::SessionClaimed { session, by } => claimed(account, session, by),
        Refusal::WrongAccount {
            session,
            expected,
            seen,
        } => wrong_account(account, session, expected, seen),
    }
}

/// Alert about a session that others have a claim to (R-LNK-5).
pub fn claimed(account: AccountId, session: &SessionId, by: &[Owner]) -> Alert {
    Alert {
        code: "session_claimed",
        subject: subject(account),
        detail: json!({ "session": session, "claimed_by": owners(by) }),
    }
}

/// Alert about an account that is linked to the person of an earlier, disconnected account of its workspace (R-LNK-5).
pub(super) fn same_person(account: AccountId, session: &SessionId, earlier: &[Owner]) -> Alert {
    Alert {
        code: "same_person",
        subject: subject(account),
        detail: json!({ "session": session, "earlier": owners(earlier) }),
    }
}

fn owners(all: &[Owner]) -> Vec<Value> {
    let shown = |it: &Owner| {
        json!({
            "workspace": it.workspace,
            "account": it.account,
            "status": it.status.as_str(),
            "by": it.claim.as_str(),
        })
    };
    all.iter().map(shown).collect()
}

fn subject(account: AccountId) -> String {
    format!("account {account}")
}

#[cfg(test)]
mod tests;
