//! Who lets a campaign or an account go on (R-CAM-1): only the stop's own cause, and a person only where no cause of ours
//! does. Every stop that a person lifts names the command that lifts it.

use crate::campaigns::PauseReason;
use crate::holds::HoldReason;

/// Who lifts a stop, with the words for whoever waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifting {
    /// A cause of the system's; no command lifts it.
    System(&'static str),
    /// A person, by a command and a route.
    Person(&'static str),
    /// The system by itself; a person may, by a command and a route.
    Either(&'static str),
}

impl Lifting {
    /// What clears it, for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::System(words) | Self::Person(words) | Self::Either(words) => words,
        }
    }

    const fn is_by_people(self) -> bool {
        matches!(self, Self::Person(_) | Self::Either(_))
    }
}

impl PauseReason {
    /// Who lifts this pause of a campaign.
    pub const fn lifting(self) -> Lifting {
        match self {
            Self::AccountDisconnected => Lifting::System(
                "its senders connected and verified again, within seconds; campaigns.heal looks every 5 minutes",
            ),
            Self::Manual => Lifting::Person(
                "a person of the workspace resuming it: relink campaigns resume --pause manual",
            ),
            Self::StuckLoop => Lifting::Person(
                "a person who looked into why it was healed and paused so often: relink campaigns resume --pause stuck_loop",
            ),
            Self::Subscription => Lifting::System(
                "the workspace's subscription renewed, at once: relink workspace subscription renew",
            ),
            Self::FailureRate => Lifting::Person(
                "a person resuming it, which also forgets the failures until then: relink campaigns resume --pause failure_rate",
            ),
            Self::Operator => {
                Lifting::Person("an operator lifting it: relink campaigns resume --pause operator")
            }
        }
    }

    /// Pauses that a person may lift, in the order of their declaration.
    pub fn lifted_by_people() -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(|it| it.lifting().is_by_people())
    }
}

impl PauseReason {
    /// Pauses that a person may set: those that say nothing but that a person wants it.
    pub fn set_by_people() -> impl Iterator<Item = Self> {
        [Self::Manual, Self::Operator].into_iter()
    }
}

impl HoldReason {
    /// Who ends this hold of an account.
    pub const fn lifting(self) -> Lifting {
        match self {
            Self::Restricted => Lifting::Person(
                "a person who saw that the network lifted it: relink accounts release --hold restricted",
            ),
            Self::Protective => Lifting::Either(
                "its time, then a send that succeeds; or relink accounts release --hold protective",
            ),
            Self::Subscription => Lifting::System(
                "the workspace's subscription renewed, at once: relink workspace subscription renew",
            ),
            Self::Operator => {
                Lifting::Person("an operator ending it: relink accounts release --hold operator")
            }
            Self::WrongAccount => Lifting::Either(
                "its own person signing in again; or relink accounts release --hold wrong_account",
            ),
            Self::SessionGone => Lifting::System(
                "the end of its session's case: an answer of the session, five verdicts a run, relink cases confirm or relink cases dismiss",
            ),
        }
    }

    /// Holds that a person may end, in the order of their declaration.
    pub fn ended_by_people() -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(|it| it.lifting().is_by_people())
    }
}
