//! The way out of every cell: who brings it, until when it is theirs, and who has it after that.

use super::{Answer, AttemptState, Step, steps};
use crate::account::{AccountKind, Status};
use jiff::SignedDuration;

/// How long `recovering` is the provider's and the fleet's alone; its owner is asked after that (R-LNK-8).
pub const RECOVERY_PATIENCE: SignedDuration = SignedDuration::from_hours(4);

crate::words! {
    /// What an account's owner can do.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum OwnerAct {
        /// Begins a link and signs in.
        SignsIn = "signs in",
        /// Confirms what the provider asks for.
        Confirms = "confirms",
        /// Signs in as the person that the account is known to be.
        SignsInAsThemselves = "signs in as themselves",
    }
}

impl OwnerAct {
    /// What that is for an account of that kind.
    pub const fn in_words(self, kind: AccountKind) -> &'static str {
        match (self, kind) {
            (Self::SignsIn, AccountKind::Linkedin) => {
                "signs in to LinkedIn on the page of a new link"
            }
            (Self::SignsIn, AccountKind::Google) => {
                "allows access at Google on the page of a new link"
            }
            (Self::SignsIn, AccountKind::Microsoft) => {
                "allows access at Microsoft on the page of a new link"
            }
            (Self::SignsIn, AccountKind::Imap) => {
                "gives the mail server's password on the page of a new link"
            }
            (Self::SignsIn, AccountKind::Icloud) => {
                "gives a password for apps on the page of a new link"
            }
            (Self::Confirms, AccountKind::Linkedin) => {
                "confirms in the LinkedIn app, or gives the code"
            }
            (Self::Confirms, AccountKind::Google) => "confirms at Google",
            (Self::Confirms, AccountKind::Microsoft) => "confirms at Microsoft",
            (Self::Confirms, AccountKind::Imap) => "confirms at the mail server's provider",
            (Self::Confirms, AccountKind::Icloud) => "confirms at Apple",
            (Self::SignsInAsThemselves, AccountKind::Linkedin) => "signs in as the known member",
            (
                Self::SignsInAsThemselves,
                AccountKind::Google
                | AccountKind::Microsoft
                | AccountKind::Imap
                | AccountKind::Icloud,
            ) => "signs in to the known mailbox",
        }
    }
}

/// Who brings the way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WayOut {
    /// Nobody need: it is where its owner wants it.
    Settled,
    /// Time does: `attempts.end` flips it ([`time_out`](super::time_out)).
    Time,
    /// The provider, by another answer; the watch sees it.
    Provider,
    /// A job of ours: a verification, a poll.
    Fleet,
    /// Its owner; the link and the command exist.
    Owner(OwnerAct),
    /// Operators, who have an alert and a command.
    Operator,
}

impl WayOut {
    /// Code of what its pill asks for, among those of R-API-1.
    pub const fn action(self) -> &'static str {
        match self {
            Self::Settled => "none",
            Self::Time | Self::Provider | Self::Fleet => "wait",
            Self::Owner(OwnerAct::Confirms) => "owner_confirm",
            Self::Owner(OwnerAct::SignsIn | OwnerAct::SignsInAsThemselves) => "owner_reconnect",
            Self::Operator => "ask_support",
        }
    }

    /// For the printed table.
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Settled => "–",
            Self::Time => "time",
            Self::Provider => "the provider",
            Self::Fleet => "the fleet",
            Self::Owner(OwnerAct::SignsIn) => "its owner signs in",
            Self::Owner(OwnerAct::Confirms) => "its owner confirms",
            Self::Owner(OwnerAct::SignsInAsThemselves) => "its owner signs in as themselves",
            Self::Operator => "operators",
        }
    }
}

crate::words! {
    /// How long a way out is the first one's.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Until {
        /// As long as nothing else is heard.
        News = "other news",
        /// Until the attempt is over ([`ATTEMPT_GRACE`](super::ATTEMPT_GRACE)).
        AttemptEnds = "the attempt is over, 34 min after its link was made",
        /// Until `attempts.end` has run.
        NextMinute = "the next minute",
        /// Until the patience with a checkpoint is over ([`CHECKPOINT_PATIENCE`](super::CHECKPOINT_PATIENCE)).
        CheckpointEnds = "20 min have passed",
        /// Until three verifications in a row proved nothing, and `verify_stuck` is raised (R-LNK-6).
        Verified = "three verifications proved nothing",
        /// Until a case has its verdict; one without is alerted after a day (R-DEL-2).
        CaseEnds = "a case has no verdict for 24 h",
        /// Until [`RECOVERY_PATIENCE`] is over.
        RecoveryEnds = "4 h have passed",
        /// Until the watch has proved nothing for so long that it is alerted (R-WAT-5).
        WatchBlind = "the watch has been blind for 20 min",
    }
}

/// The way out of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Way {
    /// Who brings it.
    pub first: WayOut,
    /// How long it is theirs.
    pub until: Until,
    /// Who has it from then on: never the provider alone, for that would need luck.
    pub then: WayOut,
}

const fn way_of(first: WayOut, until: Until, then: WayOut) -> Way {
    Way { first, until, then }
}

const SIGNS_IN: WayOut = WayOut::Owner(OwnerAct::SignsIn);
const CONFIRMS: WayOut = WayOut::Owner(OwnerAct::Confirms);
const AS_THEMSELVES: WayOut = WayOut::Owner(OwnerAct::SignsInAsThemselves);

/// The way out once `step` is done.
pub(super) fn way(status: Status, attempt: AttemptState, answer: Answer, step: Step) -> Way {
    match step {
        Step::Flip(to, _) => {
            let next = steps::step(to, attempt, answer);
            match next {
                // One answer flips an account once; a table that says otherwise fails its test.
                Step::Flip(..) => resting(to, attempt, answer),
                Step::Nothing | Step::Alert | Step::Verify | Step::OpenCase | Step::Hold => {
                    way(to, attempt, answer, next)
                }
            }
        }
        Step::Verify => way_of(WayOut::Fleet, Until::Verified, WayOut::Operator),
        Step::OpenCase => way_of(WayOut::Fleet, Until::CaseEnds, WayOut::Operator),
        Step::Hold => way_of(AS_THEMSELVES, Until::News, AS_THEMSELVES),
        Step::Nothing | Step::Alert => resting(status, attempt, answer),
    }
}

/// The way out of an account that stays as it is.
fn resting(status: Status, attempt: AttemptState, answer: Answer) -> Way {
    match (status, attempt) {
        (Status::Connected, _) => of_connected(answer),
        (Status::ActionRequired, _) => way_of(CONFIRMS, Until::CheckpointEnds, WayOut::Time),
        (Status::Connecting, AttemptState::Open) => {
            way_of(SIGNS_IN, Until::AttemptEnds, WayOut::Time)
        }
        (Status::Connecting, AttemptState::Ended) => {
            way_of(WayOut::Time, Until::NextMinute, WayOut::Time)
        }
        (Status::ReconnectNeeded | Status::Missing | Status::Disconnected, _) => {
            way_of(SIGNS_IN, Until::News, SIGNS_IN)
        }
        // The ladder of restarts (R-LNK-8).
        (Status::Recovering, AttemptState::Ended)
            if matches!(answer, Answer::Connecting | Answer::Stopped | Answer::Error) =>
        {
            way_of(WayOut::Fleet, Until::RecoveryEnds, SIGNS_IN)
        }
        (Status::Recovering, _) => way_of(WayOut::Provider, Until::RecoveryEnds, SIGNS_IN),
    }
}

fn of_connected(answer: Answer) -> Way {
    match answer {
        Answer::Ok => way_of(WayOut::Settled, Until::News, WayOut::Settled),
        Answer::Unknown => way_of(WayOut::Operator, Until::News, WayOut::Operator),
        _ => way_of(WayOut::Provider, Until::WatchBlind, WayOut::Operator),
    }
}
