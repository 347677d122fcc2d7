//! What proves that a send of unknown outcome happened, what proves that it did not, and after how many looks (R-CAP-6):
//! one table, printed into docs/sends.md.

use super::Action;
use jiff::SignedDuration;

/// Row of the table, for people and for the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Evidence that it happened.
    pub presence: &'static str,
    /// Evidence that it did not.
    pub absence: &'static str,
    /// Number of looks that must each find it absent.
    pub absences: u16,
    /// Least time from the call to the first look that counts as an absence, and from each to the next.
    pub apart: SignedDuration,
    /// Fate of a send of which no look proves anything.
    pub fallback: Fallback,
}

/// Fate of a send of which nothing can be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// Nobody is harmed by one too many or one too few: taken as sent at the first look, and its enrollment goes on.
    GoesOn,
    /// A person would notice it: looked for until a day is over, then it waits for one who decides.
    Waits,
}

/// A state that is there or not: lists at the provider lag by minutes, and a repetition is refused there.
const STATE: SignedDuration = SignedDuration::from_mins(5);
/// Messages and e-mails may be listed late, and sent twice they are read twice.
const SAID: SignedDuration = SignedDuration::from_mins(10);

/// Row of an action.
pub const fn of(action: Action) -> Proof {
    match action {
        Action::Invite => state(
            "the person in the list of sent invitations, or a profile that says invited or connected",
            "a complete list without the person, and a profile that knows of no invitation",
        ),
        Action::WithdrawInvite => state(
            "a complete list without the invitation, and a profile that does not say invited",
            "the invitation in the list",
        ),
        Action::RemoveConnection => state(
            "a profile that says not connected",
            "a profile that says connected",
        ),
        Action::Message | Action::Inmail => said(
            "the text, in another form too, in an own message to the person that no other send of ours is",
            "complete chats in which each own message since the call is another send of ours",
        ),
        Action::Email => said(
            "its label; without labels the subject, in another form too, in an own e-mail to the address that no other send of ours is",
            "a complete mailbox that shows copies of our other e-mails, and each own one to the address since the call is another send of ours",
        ),
        Action::ProfileView => Proof {
            presence: "nothing: a view leaves no trace that can be read",
            absence: "nothing",
            absences: 0,
            apart: SignedDuration::ZERO,
            fallback: Fallback::GoesOn,
        },
    }
}

const fn state(presence: &'static str, absence: &'static str) -> Proof {
    Proof {
        presence,
        absence,
        absences: 2,
        apart: STATE,
        fallback: Fallback::Waits,
    }
}

const fn said(presence: &'static str, absence: &'static str) -> Proof {
    Proof {
        presence,
        absence,
        absences: 3,
        apart: SAID,
        fallback: Fallback::Waits,
    }
}

#[cfg(test)]
mod tests;
