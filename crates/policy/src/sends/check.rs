//! One look at an account whose session a send was refused for (R-CAP-7, R-ST-2, R-WAT-3).

use crate::account::{Cause, Flip, Status, StatusChanges, allowed};
use crate::decision::{Alert, Decision, NewJob};
use crate::jobs::{ACCOUNT_CHECK, ACCOUNT_VERIFY, VerifyAccount};
use crate::life::AttemptState;
use crate::session::Session;
use crate::verify::{AccountRow, Probe};
use crate::watch::{Implied, implied, loss_threshold};
use jiff::Timestamp;
use serde_json::{Value, json};

/// What a look at one account found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The account's row.
    pub row: AccountRow,
    /// What `GET /accounts/{id}` told of its session.
    pub answer: Probe,
    /// Before the session was asked, by the database's clock.
    pub observed_at: Timestamp,
    /// The refusal that asked for the look.
    pub code: String,
    /// Accounts that such looks called lost in the last hour, this one excluded.
    pub losses_last_hour: i64,
    /// Accounts with a linked session.
    pub fleet: i64,
}

/// What one look may change: as the status watch would, and no more of it in an hour than the watch in a run.
///
/// A refused send is a hint; only the session's own health flips an account. An absent session and anything
/// inconclusive flip nothing: absence is proved by the status watch's complete list and by cases.
pub fn check(checked: &Checked, now: Timestamp) -> Decision {
    let nothing = Decision::nothing(now);
    let row = &checked.row;
    let Some(session) = answered(checked) else {
        return nothing;
    };
    // Whether an attempt is open is the watch's to know: a look in passing tells only a connected account of a loss.
    match implied(row.status, AttemptState::Open, session.health) {
        Implied::Agrees => nothing,
        Implied::Loss(to, cause) => lose(checked, session, (to, cause), now),
        Implied::Verify => Decision {
            jobs: vec![verify_job(row, now)],
            ..nothing
        },
        Implied::Unknown => Decision {
            alerts: vec![Alert {
                code: "unknown_status",
                subject: ACCOUNT_CHECK.name.to_owned(),
                detail: evidence(checked, session),
            }],
            ..nothing
        },
    }
}

/// The answer, if it is about the linked session and not older than the account's last flip (R-ST-2).
fn answered(checked: &Checked) -> Option<&Session> {
    let Probe::Answered(session) = &checked.answer else {
        return None;
    };
    let is_linked = checked.row.session.as_ref() == Some(&session.id);
    let is_news = checked.observed_at >= checked.row.since;
    (is_linked && is_news).then_some(session)
}

fn lose(
    checked: &Checked,
    session: &Session,
    (to, cause): (Status, Cause),
    now: Timestamp,
) -> Decision {
    let nothing = Decision::nothing(now);
    let row = &checked.row;
    if let Err(forbidden) = allowed(Some(row.status), to) {
        let alert = Alert {
            code: "forbidden_transition",
            subject: format!("account {}", row.account),
            detail: json!({ "error": forbidden.to_string() }),
        };
        return Decision {
            alerts: vec![alert],
            ..nothing
        };
    }
    if checked.losses_last_hour.saturating_add(1) > loss_threshold(checked.fleet) {
        return Decision {
            alerts: vec![mass_change(checked, to)],
            ..nothing
        };
    }
    let flip = Flip {
        account: row.account,
        version: row.version,
        from: row.status,
        to,
        cause,
        observed_at: checked.observed_at,
        evidence: evidence(checked, session),
        link: None,
        checkpoint: None,
    };
    Decision {
        status: StatusChanges {
            flips: vec![flip],
            ..StatusChanges::default()
        },
        ..nothing
    }
}

/// The subject is the kind of look, so that trouble that lasts counts one alert up.
fn mass_change(checked: &Checked, to: Status) -> Alert {
    Alert {
        code: "mass_change",
        subject: ACCOUNT_CHECK.name.to_owned(),
        detail: json!({
            "account": checked.row.account,
            "to": to,
            "losses_last_hour": checked.losses_last_hour,
            "watched": checked.fleet,
            "threshold": loss_threshold(checked.fleet),
        }),
    }
}

fn verify_job(row: &AccountRow, now: Timestamp) -> NewJob {
    let account = row.account;
    let (name, version) = (ACCOUNT_VERIFY.name, row.version);
    NewJob {
        kind: ACCOUNT_VERIFY,
        cause: format!("{name}@{account}/v{version}/check/{now}"),
        workspace: Some(row.workspace),
        account: Some(account),
        run_at: now,
        payload: json!(VerifyAccount { account }),
    }
}

fn evidence(checked: &Checked, session: &Session) -> Value {
    json!({
        "source": ACCOUNT_CHECK.name,
        "session": session.id,
        "sources": session.words,
        "refused_with": checked.code,
        "observed_at": checked.observed_at,
    })
}

#[cfg(test)]
mod tests;
