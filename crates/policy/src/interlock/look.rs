//! Looking at a session that is to be removed (gate 3), and what follows.

use super::{GateFacts, Seen};
use crate::confirm::Answer;
use crate::decision::Decision;
use crate::ids::{Identity, RemovalId, SessionId};
use jiff::Timestamp;

/// One look as it was answered; the database has stamped its start, and stamps its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovalLook {
    /// The removal.
    pub removal: RemovalId,
    /// Its number within the removal.
    pub number: i32,
    /// What was seen.
    pub seen: Seen,
    /// In words: `404 errors/resource_not_found`, `another identity`.
    pub why: String,
    /// Whether the control answered as it must.
    pub control_good: bool,
    /// What the control answered, in words.
    pub control_why: String,
}

/// The two answers of a look, with the persons behind the sessions where they told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedAt {
    /// The session's answer, and the person behind it.
    pub session: (Answer, Option<Identity>),
    /// The control, its answer and the person behind it; none: no session is known good.
    pub control: Option<(SessionId, Answer, Option<Identity>)>,
}

/// What is known when a look has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct AfterLook {
    /// The removal.
    pub removal: RemovalId,
    /// This look's number.
    pub number: i32,
    /// When the removal was asked for.
    pub requested_at: Timestamp,
    /// The gates' facts as they were before this look ended: `looks` has this one without its end.
    pub facts: GateFacts,
    /// What was answered.
    pub looked: LookedAt,
}

/// Records the look and says how it goes on: another look at least a minute after this one, the attempt itself once
/// three in a row count, or the end of the removal.
pub fn after_look(known: &AfterLook, now: Timestamp) -> Decision {
    let _ = known;
    let _ = Decision::nothing(now);
    unimplemented!("the helper's part")
}

/// What a look after the call proves (`removals.prove`): gone, or still there long after the call, or nothing yet.
pub fn proved(
    removal: RemovalId,
    called_at: Timestamp,
    number: i32,
    answer: &Answer,
    now: Timestamp,
) -> Decision {
    let _ = (removal, called_at, number, answer);
    let _ = Decision::nothing(now);
    unimplemented!("the helper's part")
}
