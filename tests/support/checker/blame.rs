//! Holds and pauses held against what the provider said: each has a cause that speaks of whom it stops (R-CAP-8).

use super::history::{History, Send};
use super::stops::Stop;
use super::{Broken, Violation};
use jiff::{SignedDuration, Timestamp};

/// How pauses begin that no person set.
const WORKER: &str = "worker:";
/// Failures of longer ago hold nobody.
const SPAN: SignedDuration = SignedDuration::from_hours(24);
/// A fifth of at least ten.
const FAILURES_MIN: usize = 3;
/// Half of twenty.
const PROSPECTS_MIN: usize = 10;

/// Refusals that speak of the person written to.
const PROSPECT: [&str; 14] = [
    "already_invited_recently",
    "blocked_recipient",
    "cannot_invite_attendee",
    "cannot_resend_within_24hrs",
    "cant_send_message",
    "invalid_recipient",
    "invalid_resource_identifier",
    "no_connection_with_recipient",
    "not_allowed_inmail",
    "recipient_rejected",
    "resource_access_restricted",
    "resource_not_found",
    "user_unreachable",
    "already_connected",
];
/// What the provider says of itself, or of our key; and what nobody said.
const PROVIDER: [&str; 13] = [
    "action_already_performed",
    "absent",
    "insufficient_privileges",
    "missing_credentials",
    "network_down",
    "no_channel",
    "no_client_session",
    "no_handler",
    "not_sent",
    "proxy_error",
    "request_timeout",
    "service_unavailable",
    "unexpected_error",
];
/// Words of the provider for a text or a request that is wrong.
const CAMPAIGN: [&str; 5] = [
    "content_too_large",
    "invalid_message",
    "invalid_parameters",
    "too_many_characters",
    "unprocessable_entity",
];

pub(super) fn violations(history: &History) -> Vec<Violation> {
    let holds = history.holds.iter().filter(|it| !is_true_hold(history, it));
    let pauses = history
        .pauses
        .iter()
        .filter(|it| !is_true_pause(history, it));
    let line = |what: &str, stop: &Stop| Violation {
        of: Broken::Blame,
        what: format!("{what} {}", said(stop)),
    };
    let holds = holds.map(|it| line("hold", it));
    holds.chain(pauses.map(|it| line("pause", it))).collect()
}

/// Every hold and pause that ever was, for people.
pub(super) fn stops(history: &History) -> Vec<String> {
    let holds = history.holds.iter().map(|it| format!("hold {}", said(it)));
    let pauses = history
        .pauses
        .iter()
        .map(|it| format!("pause {}", said(it)));
    holds.chain(pauses).collect()
}

fn said(stop: &Stop) -> String {
    let until = stop
        .until
        .map_or("open".to_owned(), |until| format!("until {until:.0}"));
    let (name, reason, since, note) = (&stop.name, &stop.reason, stop.since, &stop.note);
    format!("of {name}, {reason}, since {since:.0}, {until}: {note}")
}

/// What a person set is theirs to answer for.
fn is_true_hold(history: &History, hold: &Stop) -> bool {
    let of_account = |send: &&Send| send.account == hold.of && is_before(send, hold.since);
    let mut refused = history.sends.iter().filter(of_account);
    match hold.reason.as_str() {
        "restricted" => refused.any(|send| send.code == "account_restricted"),
        "protective" => FAILURES_MIN <= refused.filter(|send| speaks_of_account(send)).count(),
        _ => true,
    }
}

fn is_true_pause(history: &History, pause: &Stop) -> bool {
    let of_campaign =
        |send: &&Send| send.campaign == Some(pause.of) && is_before(send, pause.since);
    let refused = || history.sends.iter().filter(of_campaign);
    if !pause.note.starts_with(WORKER) {
        return true;
    }
    match pause.reason.as_str() {
        "failure_rate" => {
            let prospects = refused().filter(|send| is_of(send, &PROSPECT)).count();
            let own = refused().filter(|send| is_of(send, &CAMPAIGN)).count();
            PROSPECTS_MIN <= prospects || FAILURES_MIN <= own
        }
        "account_disconnected" => pause.is_without_sender,
        _ => true,
    }
}

/// Refused in the day before that instant.
fn is_before(send: &Send, at: Timestamp) -> bool {
    let age = |settled: Timestamp| at.duration_since(settled);
    let is_recent = |age: SignedDuration| !age.is_negative() && age <= SPAN;
    send.state == "refused" && send.settled_at.map(age).is_some_and(is_recent)
}

/// Whatever is not known to be of somebody else.
fn speaks_of_account(send: &Send) -> bool {
    let is_other = [&PROSPECT[..], &PROVIDER, &CAMPAIGN]
        .iter()
        .any(|codes| is_of(send, codes));
    let is_status = send.code.starts_with('5') && send.code.len() == 3;
    !is_other && !is_status
}

fn is_of(send: &Send, codes: &[&str]) -> bool {
    codes.contains(&send.code.as_str())
}
