//! What follows from each kind of refusal: the one table of R-CAP-7.

use super::SendState;
use super::blame::Blame;
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
/// LinkedIn takes no second invitation of a person within three weeks of a withdrawal.
const WEEKS_3: SignedDuration = SignedDuration::from_hours(21 * 24);

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
    /// Again once, that much later; the second time it ends with the reason.
    OnceThenEnd(SignedDuration),
    /// The aim is reached: on to the next step.
    Advance,
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
    /// Whom it speaks of (R-CAP-8); null where nothing failed.
    pub blame: Option<Blame>,
}

const fn row(
    (class, state, refund): (Class, SendState, bool),
    account: OnAccount,
    step: OnStep,
    blame: Blame,
) -> Consequence {
    Consequence {
        class,
        state,
        refund,
        account,
        step,
        alert: None,
        blame: Some(blame),
    }
}

const fn alerted(row: Consequence, alert: &'static str) -> Consequence {
    Consequence {
        alert: Some(alert),
        ..row
    }
}

const fn blameless(row: Consequence) -> Consequence {
    Consequence { blame: None, ..row }
}

/// The table of R-CAP-7, with the party of R-CAP-8.
#[rustfmt::skip] // A table: a line a class.
pub const REFUSALS: [Consequence; 18] = {
    use Blame::{Account, Campaign, Prospect, Provider, Us};
    use OnAccount::{Check, CoolDown, Nothing, Rest, Restrict};
    use OnStep::{Advance, AfterCooldown, Again, Dead, End, Keep, Once, OnceThenEnd};
    use SendState::{Refused, Unknown};
    [
        alerted(row((Class::OurKey, Refused, true), Nothing, Again(MINUTES_15), Us), "provider_key"),
        row((Class::Reconnect, Refused, false), Check, Again(MINUTES_15), Account),
        row((Class::Checkpoint, Refused, false), Check, Again(MINUTES_15), Account),
        alerted(row((Class::Restricted, Refused, false), Restrict, Again(HOUR), Account), "account_restricted"),
        alerted(row((Class::Degraded, Refused, false), Rest, AfterCooldown, Account), "account_degraded"),
        row((Class::AccountCap, Refused, false), CoolDown, AfterCooldown, Account),
        row((Class::ProspectGone, Refused, false), Nothing, End, Prospect),
        blameless(row((Class::AimReached, Refused, false), Nothing, Advance, Prospect)),
        row((Class::InvitedBefore, Refused, false), Nothing, OnceThenEnd(WEEKS_3), Prospect),
        row((Class::ProspectLater, Refused, false), Nothing, OnceThenEnd(DAY), Prospect),
        row((Class::Transient, Refused, true), Nothing, Again(MINUTES_15), Provider),
        row((Class::Gone, Refused, true), Check, Again(MINUTES_15), Account),
        row((Class::BadRequest, Refused, false), Nothing, Dead, Campaign),
        row((Class::Unsayable, Refused, true), Nothing, End, Us),
        row((Class::Indeterminate, Unknown, false), Nothing, Keep, Blame::Unknown),
        row((Class::Unreadable, Unknown, false), Nothing, Keep, Blame::Unknown),
        row((Class::Mismatch, Unknown, false), Nothing, Keep, Blame::Unknown),
        row((Class::Unknown, Refused, false), Nothing, Once(HOUR), Account),
    ]
};

/// What follows from a class. One that the table lacks would be as [`Class::Indeterminate`]: nobody knows.
pub fn of(class: Class) -> Consequence {
    let found = REFUSALS.into_iter().find(|it| it.class == class);
    let nobody_knows = (class, SendState::Unknown, false);
    found.unwrap_or(row(
        nobody_knows,
        OnAccount::Nothing,
        OnStep::Keep,
        Blame::Unknown,
    ))
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
