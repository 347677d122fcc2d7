//! What one job says of its duty. Jobs that can run and decide nothing say so; of all others their end is enough.

use crate::confirm::{Answer, Poll};
use crate::duplicates::Unknown;
use crate::jobs::{CONFIRM_POLL, GUARDS_WATCH, Kind, SENDS_SETTLE};

/// Verdict of a job on its duty, committed with the job's effects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyVerdict {
    /// Duty that the job worked for; its own kind, or the schedule whose asking it answers.
    pub duty: Kind,
    /// How it went.
    pub verdict: Verdict,
}

/// Whether a job could decide anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It could, even if there was nothing to do.
    Conclusive,
    /// It ran, and could not tell.
    Inconclusive {
        /// Reason, for people: `the newest complete listing is of …`.
        note: String,
    },
}

impl DutyVerdict {
    /// Reads an outcome: an error is a reason for which nothing could be decided.
    fn of<T>(duty: Kind, outcome: Result<T, String>) -> Self {
        let verdict = match outcome {
            Ok(_) => Verdict::Conclusive,
            Err(note) => Verdict::Inconclusive { note },
        };
        Self { duty, verdict }
    }
}

/// Verdict of a job that needs a listing of the provider's sessions: what it found, or why no listing will do.
pub fn of_outcome<T>(duty: Kind, found: &Result<T, Unknown>) -> DutyVerdict {
    DutyVerdict::of(duty, found.as_ref().map_err(Unknown::to_string))
}

/// Verdict of a poll of a case: a session that answers is there, one that is gone beside a control that answers is gone,
/// and all else says nothing.
pub fn of_poll(poll: &Poll) -> DutyVerdict {
    let outcome = match (&poll.answer, &poll.control_answer) {
        (Answer::Present, _) | (Answer::Gone, Answer::Present) => Ok(()),
        (Answer::Inconclusive { why }, _) => Err(format!("the suspected session: {why}")),
        (Answer::Gone, Answer::Gone) => Err("the control session is gone too".to_owned()),
        (Answer::Gone, Answer::Inconclusive { why }) => Err(format!("the control session: {why}")),
    };
    DutyVerdict::of(CONFIRM_POLL, outcome)
}

/// Verdict of a look for a send whose outcome is unknown; `failed` says why the provider could not be asked. Looks are what
/// `sends.settle` asks for, so it is that duty which decides nothing without them.
pub fn of_look(failed: Option<String>) -> DutyVerdict {
    DutyVerdict::of(SENDS_SETTLE, failed.map_or(Ok(()), Err))
}

/// Verdict of a look at the record's guards; `skipped` says why this build could not judge them.
pub fn of_guards(skipped: Option<String>) -> DutyVerdict {
    DutyVerdict::of(GUARDS_WATCH, skipped.map_or(Ok(()), Err))
}
