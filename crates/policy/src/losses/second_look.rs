//! What becomes of a notice that waits because its loss was one of a burst (R-WAT-6).

use crate::account::{Cause, Status};
use crate::session::Health;
use jiff::SignedDuration;

/// Time from a loss of a burst to the earliest start of the listing that is its second look.
pub const SECOND_LOOK_AFTER: SignedDuration = SignedDuration::from_mins(5);

crate::words! {
    /// Fate of a notice that waits.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum SecondLook {
        /// It waits on.
        Waits = "waits",
        /// Its owner is told, once a conclusive run that began late enough has been there.
        Due = "due",
        /// The account is connected again: nobody is told.
        CameBack = "came_back",
        /// Its owner disconnected it: nobody is told.
        Disconnected = "disconnected",
    }
}

/// Fate of a notice about a loss for that cause, now that its account has this status and the newest list this
/// health of its session.
///
/// A session that looks well is verified before it is believed: its notice waits for what comes of that. An owner who is at
/// a link's page knows.
pub fn second_look(status: Status, cause: Cause, health: Option<Health>) -> SecondLook {
    match status {
        Status::Connected => SecondLook::CameBack,
        Status::Disconnected => SecondLook::Disconnected,
        Status::Connecting | Status::Recovering => SecondLook::Waits,
        Status::Missing => SecondLook::Due,
        Status::ReconnectNeeded | Status::ActionRequired => {
            let looks_well = is_listed(cause) && health == Some(Health::Ok);
            if looks_well {
                SecondLook::Waits
            } else {
                SecondLook::Due
            }
        }
    }
}

/// Whether a list shows that cause: of the others it says OK all the time.
const fn is_listed(cause: Cause) -> bool {
    match cause {
        Cause::SessionRefused | Cause::Checkpoint | Cause::CheckpointUnanswered => false,
        Cause::Credentials
        | Cause::Permissions
        | Cause::ProviderError
        | Cause::ProviderConnecting
        | Cause::Verified
        | Cause::OrphanLinked
        | Cause::ConfirmedMissing
        | Cause::LinkUnused
        | Cause::LinkStarted => true,
    }
}

/// One row of the table that notices are joined with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Status of the account.
    pub status: Status,
    /// Cause of its notice.
    pub cause: Cause,
    /// Health of its session in the newest list; none where no list held it.
    pub health: Option<Health>,
    /// Fate of the notice.
    pub then: SecondLook,
}

/// [`second_look`] as a table of all that settles a notice.
pub fn second_looks() -> Vec<Look> {
    let mut all = vec![];
    for status in Status::ALL {
        for cause in Cause::ALL {
            let healths = Health::ALL.into_iter().map(Some).chain([None]);
            let looks = healths.map(|health| Look {
                status,
                cause,
                health,
                then: second_look(status, cause, health),
            });
            all.extend(looks.filter(|look| look.then != SecondLook::Waits));
        }
    }
    all
}
