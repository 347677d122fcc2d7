//! Changes of cases, as decided (R-DEL-2, R-DEL-3).

use super::{Answer, Verdict};
use crate::ids::{AccountId, CaseId, SessionId};
use jiff::Timestamp;
use serde_json::Value;

/// Part of a decision about cases of suspected-missing sessions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseChanges {
    /// Cases to open, each with its first poll as a job.
    pub opened: Vec<NewCase>,
    /// Polls that were made.
    pub polls: Vec<Poll>,
    /// Cases whose verdict the breaker stops; one that is stopped stays so.
    pub stopped: Vec<StoppedCase>,
    /// Ends of cases, written after their polls.
    pub verdicts: Vec<CaseVerdict>,
}

/// Open a case for a linked session that a complete list did not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCase {
    /// Account that is linked to the session.
    pub account: AccountId,
    /// Session suspected to be missing; one with an open case gets no second.
    pub session: SessionId,
    /// Observations that led to it.
    pub evidence: Value,
    /// Due time of the first poll.
    pub poll_at: Timestamp,
}

/// Poll of a case, as it was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Poll {
    /// Case that was polled.
    pub case: CaseId,
    /// Number within the case, from 1.
    pub number: u32,
    /// Before the first request, by the database's clock.
    pub started_at: Timestamp,
    /// After the last answer, by the database's clock.
    pub finished_at: Timestamp,
    /// Answer to the suspected session's `GET`.
    pub answer: Answer,
    /// Session known good that was asked beside it; none was found, if null.
    pub control: Option<SessionId>,
    /// Answer to the control's `GET`.
    pub control_answer: Answer,
}

/// Stop the verdict of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoppedCase {
    /// Case whose polls are done.
    pub case: CaseId,
    /// What stops it, for people.
    pub why: String,
}

/// End of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseVerdict {
    /// Case to close; one that is closed keeps its verdict.
    pub case: CaseId,
    /// Outcome of the case, as metrics count it.
    pub verdict: Verdict,
}
