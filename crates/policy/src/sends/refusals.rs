//! What follows from each kind of refusal: the one table of R-CAP-7.

use super::SendState;
use crate::class::Class;
use jiff::{SignedDuration, Timestamp};

/// A first cooldown after a refusal for the account.
const COOLDOWN_HOURS: i64 = 6;
/// Doubling ends here.
const COOLDOWN_HOURS_MAX: i64 = 72;
/// The provider may ask us to wait for so long; a longer wait would be a mistake of one of us.
const RETRY_AFTER_MAX: SignedDuration = SignedDuration::from_hours(31 * 24);

const MINUTES_15: SignedDuration = SignedDuration::from_mins(15);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What a refusal means for the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnAccount {
    /// Nothing.
    Nothing,
    /// That action rests for 6 hours, each time in a row twice as long up to 72.
    CoolDown,
    /// That action rests for 6 hours, however often.
    Rest,
    /// Its status is looked at, at once.
    Check,
    /// It is held as restricted until a person ends that.
    Restrict,
}

/// What a refusal means for the enrollment's step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnStep {
    /// Again, that much later.
    Again(SignedDuration),
    /// Again when the account's cooldown is over.
    AfterCooldown,
    /// Again once, that much later; the second time it ends, and the job becomes a dead letter.
    Once(SignedDuration),
    /// It ends with the reason.
    End,
    /// It ends, and the job becomes a dead letter.
    Dead,
    /// It stays in hand until the send is read back.
    Keep,
}

/// What follows from a class of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// The class.
    pub class: Class,
    /// The state of the send.
    pub state: SendState,
    /// Whether the send's capacity comes back. Only what did not reach LinkedIn gives it back: a refused invitation is
    /// not free.
    pub refund: bool,
    /// For the account.
    pub account: OnAccount,
    /// For the enrollment.
    pub step: OnStep,
    /// What operators hear.
    pub alert: Option<&'static str>,
}

const fn row(
    class: Class,
    state: SendState,
    refund: bool,
    (account, step): (OnAccount, OnStep),
    alert: Option<&'static str>,
) -> Consequence {
    Consequence {
        class,
        state,
        refund,
        account,
        step,
        alert,
    }
}

/// The table of R-CAP-7.
pub const REFUSALS: [Consequence; 15] = {
    use OnAccount::{Check, CoolDown, Nothing, Rest, Restrict};
    use OnStep::{AfterCooldown, Again, Dead, End, Keep, Once};
    use SendState::{Refused, Unknown};
    [
        row(
            Class::OurKey,
            Refused,
            true,
            (Nothing, Again(MINUTES_15)),
            Some("provider_key"),
        ),
        row(
            Class::Reconnect,
            Refused,
            false,
            (Check, Again(MINUTES_15)),
            None,
        ),
        row(
            Class::Checkpoint,
            Refused,
            false,
            (Check, Again(MINUTES_15)),
            None,
        ),
        row(
            Class::Restricted,
            Refused,
            false,
            (Restrict, Again(HOUR)),
            Some("account_restricted"),
        ),
        row(
            Class::Degraded,
            Refused,
            false,
            (Rest, AfterCooldown),
            Some("account_degraded"),
        ),
        row(
            Class::AccountCap,
            Refused,
            false,
            (CoolDown, AfterCooldown),
            None,
        ),
        row(Class::ProspectGone, Refused, false, (Nothing, End), None),
        row(
            Class::ProspectLater,
            Refused,
            false,
            (Nothing, Again(DAY)),
            None,
        ),
        row(
            Class::Transient,
            Refused,
            true,
            (Nothing, Again(MINUTES_15)),
            None,
        ),
        row(Class::Gone, Refused, true, (Check, Again(MINUTES_15)), None),
        row(Class::BadRequest, Refused, false, (Nothing, Dead), None),
        row(Class::Indeterminate, Unknown, false, (Nothing, Keep), None),
        row(Class::Unreadable, Unknown, false, (Nothing, Keep), None),
        row(Class::Mismatch, Unknown, false, (Nothing, Keep), None),
        row(Class::Unknown, Refused, false, (Nothing, Once(HOUR)), None),
    ]
};

/// What follows from a class. One that the table lacks would be as [`Class::Indeterminate`]: nobody knows.
pub fn of(class: Class) -> Consequence {
    let found = REFUSALS.into_iter().find(|it| it.class == class);
    let nobody_knows = (OnAccount::Nothing, OnStep::Keep);
    found.unwrap_or(row(class, SendState::Unknown, false, nobody_knows, None))
}

/// How long the refusal that is the `streak`th in a row, from 1, makes an action rest: 6 hours, doubling to 72.
pub fn cooldown(streak: u16) -> SignedDuration {
    let doublings = u32::from(streak.saturating_sub(1)).min(8);
    let hours = COOLDOWN_HOURS << doublings;
    SignedDuration::from_hours(hours.min(COOLDOWN_HOURS_MAX))
}

/// The instant that ends a wait from `now`: what the provider asks for lengthens it and never shortens it, up to a
/// month.
pub fn wait(
    now: Timestamp,
    ours: SignedDuration,
    retry_after: Option<SignedDuration>,
) -> Timestamp {
    let theirs = retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
    now.checked_add(ours.max(theirs)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
