//! What is done at an answer.

use super::{Answer, AttemptState};
use crate::account::{Cause, Status};

/// What is done at an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Nothing: the row says what is so, or the answer says nothing.
    Nothing,
    /// Nothing but an alert with the word (R-ST-3).
    Alert,
    /// A verification: the session looks well, and is believed only then (R-LNK-6).
    Verify,
    /// A flip to this status, for this cause.
    Flip(Status, Cause),
    /// A case: three polls before the session is called missing (R-DEL-2).
    OpenCase,
    /// The hold `wrong_account`: nothing is sent over this session until the known person is back (R-ST-6).
    Hold,
}

/// What is done for an account of that status at this answer.
pub(super) fn step(status: Status, attempt: AttemptState, answer: Answer) -> Step {
    match (status, attempt) {
        (Status::Disconnected, _) => Step::Nothing,
        // A renewal never flips what works, and hides nothing (R-LNK-10).
        (Status::Connected, _) => of_connected(answer),
        (_, AttemptState::Open) => of_shielded(status, answer),
        (Status::Connecting, AttemptState::Ended) => of_connecting(answer),
        (Status::ReconnectNeeded, AttemptState::Ended) => of_reconnect_needed(answer),
        (Status::ActionRequired, AttemptState::Ended) => of_action_required(answer),
        (Status::Recovering, AttemptState::Ended) => of_recovering(answer),
        (Status::Missing, AttemptState::Ended) => of_missing(answer),
    }
}

/// What becomes of an account whose attempt, or whose patience with a checkpoint, is over, by the last answer about its
/// session; `None` where time ends nothing.
///
/// An account whose session the provider still restarts was `recovering` before its owner tried, and is so again.
pub fn time_out(status: Status, last: Answer) -> Option<(Status, Cause)> {
    match status {
        Status::Connecting => Some(match step(status, AttemptState::Ended, last) {
            Step::Flip(to, cause) => (to, cause),
            Step::Nothing | Step::Alert | Step::Verify | Step::OpenCase | Step::Hold => UNUSED,
        }),
        Status::ActionRequired => Some((Status::ReconnectNeeded, Cause::CheckpointUnanswered)),
        Status::Connected
        | Status::ReconnectNeeded
        | Status::Recovering
        | Status::Missing
        | Status::Disconnected => None,
    }
}

const UNUSED: (Status, Cause) = (Status::ReconnectNeeded, Cause::LinkUnused);
const STOPPED: Step = Step::Flip(Status::Recovering, Cause::ProviderError);
const STARTING: Step = Step::Flip(Status::Recovering, Cause::ProviderConnecting);
const NO_CREDENTIALS: Step = Step::Flip(Status::ReconnectNeeded, Cause::Credentials);
const NO_PERMISSIONS: Step = Step::Flip(Status::ReconnectNeeded, Cause::Permissions);
const REFUSED: Step = Step::Flip(Status::ReconnectNeeded, Cause::SessionRefused);
const CONFIRM: Step = Step::Flip(Status::ActionRequired, Cause::Checkpoint);

fn of_connected(answer: Answer) -> Step {
    match answer {
        Answer::Ok | Answer::Silence => Step::Nothing,
        Answer::Connecting => STARTING,
        Answer::Stopped | Answer::Error => STOPPED,
        Answer::Permissions => NO_PERMISSIONS,
        Answer::Credentials => NO_CREDENTIALS,
        Answer::Unknown => Step::Alert,
        Answer::Absent | Answer::Gone => Step::OpenCase,
        Answer::Refused => REFUSED,
        Answer::Checkpoint | Answer::SameCheckpoint => CONFIRM,
        Answer::Stranger => Step::Hold,
    }
}

/// Its owner may be repairing it right now: news of a loss are of the session that is being replaced (R-LNK-10).
fn of_shielded(status: Status, answer: Answer) -> Step {
    match answer {
        Answer::Ok => Step::Verify,
        Answer::Unknown => Step::Alert,
        Answer::Stranger => Step::Hold,
        Answer::Checkpoint if status != Status::ActionRequired => CONFIRM,
        Answer::Connecting
        | Answer::Stopped
        | Answer::Error
        | Answer::Permissions
        | Answer::Credentials
        | Answer::Absent
        | Answer::Gone
        | Answer::Silence
        | Answer::Refused
        | Answer::Checkpoint
        | Answer::SameCheckpoint => Step::Nothing,
    }
}

/// Its link was not used. `attempts.end` flips it within a minute; whoever sees it before that says the same.
fn of_connecting(answer: Answer) -> Step {
    match answer {
        Answer::Ok => Step::Verify,
        Answer::Connecting => STARTING,
        Answer::Stopped | Answer::Error => STOPPED,
        Answer::Permissions | Answer::Credentials | Answer::Refused => {
            Step::Flip(Status::ReconnectNeeded, Cause::LinkUnused)
        }
        Answer::Unknown => Step::Alert,
        Answer::Absent | Answer::Gone => Step::OpenCase,
        Answer::Silence => Step::Nothing,
        Answer::Checkpoint | Answer::SameCheckpoint => CONFIRM,
        Answer::Stranger => Step::Hold,
    }
}

/// What its owner must do stays true while the provider tries; only OK ends it.
fn of_reconnect_needed(answer: Answer) -> Step {
    match answer {
        Answer::Ok => Step::Verify,
        Answer::Unknown => Step::Alert,
        Answer::Absent | Answer::Gone => Step::OpenCase,
        Answer::Checkpoint => CONFIRM,
        Answer::Stranger => Step::Hold,
        // A checkpoint that was left unanswered is asked again on the page of its next link.
        Answer::SameCheckpoint
        | Answer::Connecting
        | Answer::Stopped
        | Answer::Error
        | Answer::Permissions
        | Answer::Credentials
        | Answer::Silence
        | Answer::Refused => Step::Nothing,
    }
}

/// Waits for a confirmation, and not for long ([`CHECKPOINT_PATIENCE`](super::CHECKPOINT_PATIENCE)).
fn of_action_required(answer: Answer) -> Step {
    match answer {
        Answer::Ok => Step::Verify,
        Answer::Permissions => NO_PERMISSIONS,
        Answer::Credentials => NO_CREDENTIALS,
        Answer::Unknown => Step::Alert,
        Answer::Absent | Answer::Gone => Step::OpenCase,
        Answer::Stranger => Step::Hold,
        Answer::Connecting
        | Answer::Stopped
        | Answer::Error
        | Answer::Silence
        | Answer::Refused
        | Answer::Checkpoint
        | Answer::SameCheckpoint => Step::Nothing,
    }
}

fn of_recovering(answer: Answer) -> Step {
    match answer {
        Answer::Ok => Step::Verify,
        Answer::Connecting | Answer::Stopped | Answer::Error | Answer::Silence => Step::Nothing,
        Answer::Permissions => NO_PERMISSIONS,
        Answer::Credentials => NO_CREDENTIALS,
        Answer::Unknown => Step::Alert,
        Answer::Absent | Answer::Gone => Step::OpenCase,
        Answer::Refused => REFUSED,
        Answer::Checkpoint | Answer::SameCheckpoint => CONFIRM,
        Answer::Stranger => Step::Hold,
    }
}

/// Any word about its session says that it is lost no longer.
fn of_missing(answer: Answer) -> Step {
    match answer {
        Answer::Absent | Answer::Gone | Answer::Silence => Step::Nothing,
        Answer::Ok => Step::Verify,
        Answer::Connecting => STARTING,
        Answer::Stopped | Answer::Error => STOPPED,
        Answer::Permissions => NO_PERMISSIONS,
        Answer::Credentials => NO_CREDENTIALS,
        Answer::Unknown => Step::Alert,
        Answer::Refused => REFUSED,
        Answer::Checkpoint | Answer::SameCheckpoint => CONFIRM,
        Answer::Stranger => Step::Hold,
    }
}
