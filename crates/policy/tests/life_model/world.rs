//! What there is: an account, its attempt, the provider's side, and what people may still do.

use crate::rules::Bug;
use policy::account::Status;
use policy::life::{Answer, AttemptState};

/// Ten-minute steps that an attempt is open for.
pub(crate) const ATTEMPT: u8 = 3;
/// Ten-minute steps that a checkpoint is waited for.
pub(crate) const PATIENCE: u8 = 2;

/// The model, with one bug or none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) bug: Bug,
}

/// What the provider would say if it were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Truth {
    Ok,
    Connecting,
    Error,
    Permissions,
    Credentials,
    Unknown,
    /// In no list, and gone by name.
    Absent,
    /// Listed as OK, and gone by name.
    HalfGone,
    /// Nothing is answered.
    Silence,
    /// Listed as OK, and its owner's profile refuses.
    Refused,
    /// Listed as OK, and its owner must confirm something.
    Checkpoint,
    /// Listed as OK, as another person.
    Stranger,
}

impl Truth {
    pub(crate) const ALL: [Self; 12] = [
        Self::Ok,
        Self::Connecting,
        Self::Error,
        Self::Permissions,
        Self::Credentials,
        Self::Unknown,
        Self::Absent,
        Self::HalfGone,
        Self::Silence,
        Self::Refused,
        Self::Checkpoint,
        Self::Stranger,
    ];

    /// What a list shows.
    pub(crate) fn listed(self) -> Answer {
        match self {
            Self::Ok | Self::HalfGone | Self::Refused | Self::Checkpoint => Answer::Ok,
            Self::Connecting => Answer::Connecting,
            Self::Error => Answer::Error,
            Self::Permissions => Answer::Permissions,
            Self::Credentials => Answer::Credentials,
            Self::Unknown => Answer::Unknown,
            Self::Absent => Answer::Absent,
            Self::Silence => Answer::Silence,
            Self::Stranger => Answer::Stranger,
        }
    }

    /// What the session and its owner's profile answer by name.
    pub(crate) fn asked(self, known: bool) -> Answer {
        match self {
            Self::HalfGone | Self::Absent => Answer::Gone,
            Self::Refused => Answer::Refused,
            Self::Checkpoint if known => Answer::SameCheckpoint,
            Self::Checkpoint => Answer::Checkpoint,
            _ => self.listed(),
        }
    }
}

/// What must never have happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Wrongs {
    pub(crate) forbidden: bool,
    pub(crate) unshielded: bool,
    pub(crate) unknown_flipped: bool,
}

/// A state of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) status: Status,
    /// Steps that its attempt is still open for.
    pub(crate) attempt: u8,
    /// Steps that a checkpoint is still waited for.
    pub(crate) patience: u8,
    /// A checkpoint's words are kept: the same again are no news.
    pub(crate) asked: bool,
    /// It is held because a stranger is behind its session.
    pub(crate) held: bool,
    /// Polls of its open case, the next one counted; 0 for no case.
    pub(crate) polls: u8,
    pub(crate) truth: Truth,
    /// How often the provider may still change.
    pub(crate) changes: u8,
    /// How often its owner may still begin a link.
    pub(crate) clicks: u8,
    pub(crate) wrongs: Wrongs,
}

impl World {
    pub(crate) fn beginning() -> Self {
        Self {
            status: Status::Connecting,
            attempt: ATTEMPT,
            patience: 0,
            asked: false,
            held: false,
            polls: 0,
            truth: Truth::Silence,
            changes: 3,
            clicks: 2,
            wrongs: Wrongs::default(),
        }
    }

    pub(crate) fn attempt_state(&self) -> AttemptState {
        if self.attempt > 0 {
            AttemptState::Open
        } else {
            AttemptState::Ended
        }
    }

    pub(crate) fn is_shielded(&self) -> bool {
        self.attempt > 0 && self.status != Status::Connected
    }
}
