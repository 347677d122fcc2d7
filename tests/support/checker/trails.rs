//! What the rows say of one another: outcomes, unknowns, steps.

use super::history::{Audit, Enrollment, History, Send};
use super::{Broken, Violation};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

pub(super) fn violations(history: &History) -> Vec<Violation> {
    let mut rows: HashMap<Uuid, Vec<&Audit>> = HashMap::new();
    for row in &history.audit {
        rows.entry(row.send).or_default().push(row);
    }
    let mut found = vec![];
    for send in &history.sends {
        let rows = rows.remove(&send.id).unwrap_or_default();
        let of_send = [
            unpaired(send, &rows),
            of_unknown(send, &rows),
            unsettled(send),
        ];
        for (of, why) in of_send.into_iter().flatten() {
            let what = format!("send {} ({} {}): {why}", send.id, send.action, send.state);
            found.push(Violation { of, what });
        }
    }
    for send in rows.into_keys() {
        let what = format!("send {send}: audited and not there");
        found.push(Violation {
            of: Broken::Unpaired,
            what,
        });
    }
    found.extend(steps(history));
    found
}

/// The intent in force has the outcomes that the state tells of, in their order; one that was taken anew lapsed before it.
fn unpaired(send: &Send, rows: &[&Audit]) -> Option<(Broken, String)> {
    let rows: Vec<&Audit> = rows.iter().copied().filter(|it| !it.is_lapse()).collect();
    let last = rows.iter().rev().find(|row| row.intent.is_none());
    let outcomes: Vec<&str> = rows
        .iter()
        .filter(|row| row.intent.is_some())
        .map(|row| row.to.as_str())
        .collect();
    let answers_it = |row: &&&Audit| {
        row.intent
            .is_none_or(|intent| Some(intent) == last.map(|last| last.id) && intent < row.id)
    };
    let all_answer = rows.iter().filter(answers_it).count() == rows.len();
    let state = send.state.as_str();
    let expected: Vec<&str> = match state {
        "planned" | "reserved" | "sending" => vec![],
        "cancelled" if last.is_none() => vec![],
        "sent" | "refused" | "failed" if send.was_unknown => vec!["unknown", state],
        _ => vec![state],
    };
    let needs_intent = !matches!(state, "planned" | "cancelled");
    let is_right = all_answer && outcomes == expected && (!needs_intent || last.is_some());
    (!is_right).then(|| {
        let intent = last.map_or("without an intent".to_owned(), |last| {
            format!("intent {}", last.id)
        });
        (Broken::Unpaired, format!("{intent}, outcomes {outcomes:?}"))
    })
}

fn of_unknown(send: &Send, rows: &[&Audit]) -> Option<(Broken, String)> {
    let ever = send.was_unknown || rows.iter().any(|row| row.to == "unknown");
    let refund =
        send.is_refunded || send.counted_at.is_none() || rows.iter().any(|row| row.is_refund);
    if ever && refund {
        return Some((
            Broken::RefundOfUnknown,
            "its capacity was given back".to_owned(),
        ));
    }
    let is_left = send.state == "unknown" && send.look_at.is_none() && !send.is_alerted;
    is_left.then(|| {
        (
            Broken::UnknownLeft,
            "nobody looks for it, and nobody was told".to_owned(),
        )
    })
}

fn unsettled(send: &Send) -> Option<(Broken, String)> {
    let is_left = send.state == "sending" && !send.has_job;
    is_left.then(|| {
        (
            Broken::Unsettled,
            "its call was begun, and no open job is left".to_owned(),
        )
    })
}

/// Behind every enrollment, exactly one `sent` for each step that it has left, and none for where it stands. What was
/// refused because it is so already (connected, invited, withdrawn) is as good as sent.
fn steps(history: &History) -> Vec<Violation> {
    let mut sent: HashMap<Uuid, Vec<i16>> = HashMap::new();
    let reached: HashSet<Uuid> = history
        .audit
        .iter()
        .filter(|row| row.to == "refused" && row.note == "aim_reached")
        .map(|row| row.send)
        .collect();
    // What is withdrawn or removed and is not there, is withdrawn or removed.
    let is_away = |send: &Send| {
        matches!(
            send.action.as_str(),
            "withdraw_invite" | "remove_connection"
        ) && send.state == "refused"
            && send.code == "resource_not_found"
    };
    let is_done =
        |send: &&Send| send.state == "sent" || reached.contains(&send.id) || is_away(send);
    for send in history.sends.iter().filter(is_done) {
        if let (Some(enrollment), Some(step)) = (send.enrollment, send.step) {
            sent.entry(enrollment).or_default().push(step);
        }
    }
    let mut found = vec![];
    for one in &history.enrollments {
        let mut sent = sent.remove(&one.id).unwrap_or_default();
        sent.sort_unstable();
        let left: Vec<i16> = (one.first_step..one.step)
            .chain((one.state == "done").then_some(one.step))
            .collect();
        if sent != left {
            found.push(step(one, &sent));
        }
    }
    let known: HashSet<Uuid> = history.enrollments.iter().map(|one| one.id).collect();
    let strays = sent.keys().filter(|id| !known.contains(id));
    found.extend(strays.map(|id| Violation {
        of: Broken::Step,
        what: format!("enrollment {id} is not there"),
    }));
    found
}

fn step(one: &Enrollment, sent: &[i16]) -> Violation {
    let (id, at, state, why) = (one.id, one.step, &one.state, &one.why);
    Violation {
        of: Broken::Step,
        what: format!("enrollment {id} is {state} at step {at} {why}, with steps {sent:?} sent"),
    }
}
