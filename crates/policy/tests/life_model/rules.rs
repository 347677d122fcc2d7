//! The table as it is, and as it would be with one bug in it.

use policy::account::{Cause, Status};
use policy::life::{Answer, AttemptState, Step, cell, time_out};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Nothing: the table as it is.
    None,
    /// Whatever is heard of a `connecting` account agrees, and time ends nothing.
    ConnectingAgreesForEver,
    /// A missing session that reappears in an error stays missing.
    MissingAgreesWithError,
    /// A checkpoint waits for ever.
    CheckpointNeverEnds,
    /// An attempt is open for ever.
    AttemptNeverLapses,
    /// Another person is as good as the known one.
    StrangerAgrees,
    /// An open attempt does not keep a case from being opened.
    AbsentOpensDuringAttempt,
    /// An open attempt does not keep old news from flipping.
    CredentialsFlipDuringAttempt,
    /// A checkpoint that was left unanswered is asked for anew, again and again.
    SameCheckpointAsksAgain,
    /// A recovering account is not heard to be refused.
    RecoveringAgreesWithRefused,
    /// A session that is gone by name is left alone because the list has it.
    GoneAgrees,
    /// A lost session that answers OK is not verified.
    OkAgreesWithLost,
    /// A word that nobody knows is a loss.
    UnknownFlips,
}

impl Bug {
    pub(crate) const PLANTED: [Self; 12] = [
        Self::ConnectingAgreesForEver,
        Self::MissingAgreesWithError,
        Self::CheckpointNeverEnds,
        Self::AttemptNeverLapses,
        Self::StrangerAgrees,
        Self::AbsentOpensDuringAttempt,
        Self::CredentialsFlipDuringAttempt,
        Self::SameCheckpointAsksAgain,
        Self::RecoveringAgreesWithRefused,
        Self::GoneAgrees,
        Self::OkAgreesWithLost,
        Self::UnknownFlips,
    ];

    /// The cell's step, with the bug.
    pub(crate) fn step(self, status: Status, attempt: AttemptState, answer: Answer) -> Step {
        let open = attempt == AttemptState::Open && status != Status::Connected;
        match (self, status, answer) {
            (Self::ConnectingAgreesForEver, Status::Connecting, _)
            | (Self::MissingAgreesWithError, Status::Missing, Answer::Error)
            | (Self::StrangerAgrees, _, Answer::Stranger)
            | (Self::RecoveringAgreesWithRefused, Status::Recovering, Answer::Refused)
            | (Self::GoneAgrees, _, Answer::Gone)
            | (Self::OkAgreesWithLost, Status::ReconnectNeeded, Answer::Ok) => Step::Nothing,
            (Self::AbsentOpensDuringAttempt, _, Answer::Absent)
            | (Self::CredentialsFlipDuringAttempt, _, Answer::Credentials)
                if open =>
            {
                cell(status, AttemptState::Ended, answer).step
            }
            (Self::SameCheckpointAsksAgain, Status::ReconnectNeeded, Answer::SameCheckpoint) => {
                Step::Flip(Status::ActionRequired, Cause::Checkpoint)
            }
            (Self::UnknownFlips, Status::Connected, Answer::Unknown) => {
                Step::Flip(Status::ReconnectNeeded, Cause::Credentials)
            }
            _ => cell(status, attempt, answer).step,
        }
    }

    /// Where time takes the account, with the bug.
    pub(crate) fn time_out(self, status: Status, last: Answer) -> Option<Status> {
        let stays = match self {
            Self::ConnectingAgreesForEver => status == Status::Connecting,
            Self::CheckpointNeverEnds => status == Status::ActionRequired,
            _ => false,
        };
        let ends = time_out(status, last).filter(|_| !stays);
        ends.map(|(to, _)| to)
    }
}
