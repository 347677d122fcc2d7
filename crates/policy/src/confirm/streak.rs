//! Polls in a row that found a session gone (R-DEL-2).

use super::{Answer, CaseFacts, POLLS, Poll, SPACING_MIN};

/// What the polls of a case prove.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Proof<'a> {
    /// Three in a row or more, each beside a control that was there.
    Controlled(Vec<&'a Poll>),
    /// Three in a row or more, and no session of the fleet is known good to be asked beside it.
    Alone(Vec<&'a Poll>),
    /// Not enough.
    None,
}

/// What the polls of a case prove, the newest one included.
pub(super) fn proof(facts: &CaseFacts) -> Proof<'_> {
    let controlled = streak(facts, |poll| {
        let control = poll.control.as_ref().is_some_and(|it| *it != facts.session);
        control && poll.control_answer == Answer::Present
    });
    if controlled.len() >= POLLS as usize {
        return Proof::Controlled(controlled);
    }
    let alone = streak(facts, |poll| poll.control.is_none());
    if alone.len() >= POLLS as usize {
        return Proof::Alone(alone);
    }
    Proof::None
}

/// The last polls that count, in order: each found the session gone as `vouched` wants it, and each began at least
/// [`SPACING_MIN`] after the one before had ended. Any other poll ends the run.
fn streak(facts: &CaseFacts, vouched: impl Fn(&Poll) -> bool) -> Vec<&Poll> {
    let mut polls: Vec<_> = facts.earlier.iter().chain([&facts.this]).collect();
    polls.sort_by_key(|it| (it.started_at, it.finished_at, it.number));
    let mut run: Vec<&Poll> = vec![];
    for poll in polls.into_iter().rev() {
        let spaced = run
            .last()
            .is_none_or(|later| later.started_at.duration_since(poll.finished_at) >= SPACING_MIN);
        if !counts(facts, poll) || !vouched(poll) || !spaced {
            break;
        }
        run.push(poll);
    }
    run.reverse();
    run
}

fn counts(facts: &CaseFacts, poll: &Poll) -> bool {
    // A poll from before the case or the account's last flip is old news (R-ST-2).
    let since = facts.opened_at.max(facts.row.since);
    let in_time = since <= poll.started_at && poll.started_at <= poll.finished_at;
    poll.case == facts.case && poll.answer == Answer::Gone && in_time
}
